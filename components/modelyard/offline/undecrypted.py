"""Encrypted configuration values, which nobody decrypts offline."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pulumi import Config
from pulumi.errors import RunError
from pulumi.output import Unknown
from pulumi.runtime.config import get_config

from modelyard.offline.diagnostics import MASK

_CONVERSIONS = ("_get_bool", "_get_int", "_get_float", "_get_object")
_lock = threading.Lock()
_originals: dict[str, Callable[..., Any]] = {}
_runs = 0


class UndecryptedText(str, Unknown):
    """An encrypted value: ``require_secret`` makes an unknown secret of it; as text it is a mask."""

    __slots__ = ()

    def __new__(cls) -> UndecryptedText:
        return super().__new__(cls, MASK)


class NotDecrypted(RunError):
    """A program asks for the number, truth value or object in an encrypted value, and not as a secret."""

    def __init__(self, key: str, asked_by: str, use: str) -> None:
        super().__init__(
            f"configuration value {key!r} is encrypted and {asked_by} needs its text, which an offline run never "
            f"decrypts; read it with {use}, or store it unencrypted if it is no secret"
        )


@contextmanager
def unknown_secrets() -> Iterator[None]:
    """While this lasts, ``Config.require_secret_int`` and its like make unknown secrets of undecrypted values.

    The SDK would parse the text at once, and refuse it. Other values are not touched.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _runs
    with _lock:
        _runs += 1
        if _runs == 1:
            for name in _CONVERSIONS:
                _originals[name] = getattr(Config, name)
                setattr(Config, name, _conversion(_originals[name]))


def _leave() -> None:
    global _runs
    with _lock:
        _runs -= 1
        if _runs == 0:
            for name, original in _originals.items():
                setattr(Config, name, original)


def _conversion(original: Callable[..., Any]) -> Callable[..., Any]:
    def convert(
        config: Config, key: str, use: Callable[..., Any] | None = None, instead_of: Callable[..., Any] | None = None
    ) -> Any:
        value = get_config(config.full_key(key))
        if not isinstance(value, UndecryptedText):
            return original(config, key, use, instead_of)
        if use is not None and instead_of is not None:
            raise NotDecrypted(config.full_key(key), instead_of.__name__, use.__name__)
        return value

    return convert
