"""The sentence for a name that nothing is called, and for a value outside a set."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_core import PydanticCustomError

from ..catalog.spelling import nearest
from .credential import credential, shown

_LISTED = 24


def unknown(noun: str, value: object, known: Iterable[str]) -> str:
    """``'A10' is not a known accelerator; did you mean 'A10G'? Known: T4, A10G.``, without the final stop.

    Args:
        noun: with its article and adjective: "a known accelerator", "a cluster of this environment".
        value: shown unless it may be a secret.
        known: what is allowed, in the order in which it is listed; at most 24 are.
    """
    known = list(known)
    closest = nearest(value, known) if isinstance(value, str) and len(value) <= 200 else None
    hint = f"; did you mean {closest!r}?" if closest else ";"
    if not known:
        return f"{shown(value)} is not {noun}; there is none"
    rest = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return (
        f"{shown(value)} is not {noun}{hint} {'Allowed' if closest else 'allowed'}: {', '.join(known[:_LISTED])}{rest}"
    )


def look_alike(text: str) -> str:
    """``; its 'а' is CYRILLIC SMALL LETTER A``: the first letter that a reader takes for one of ASCII; else empty."""
    foreign = next((character for character in text if not character.isascii() and character.isalnum()), None)
    if foreign is None or credential(text):
        return ""
    from unicodedata import name

    return f"; its {foreign!r} is {name(foreign, f'U+{ord(foreign):04X}')}"


def refusal(sentence: str) -> PydanticCustomError:
    """``sentence`` as the error of one field, for validators."""
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence})
