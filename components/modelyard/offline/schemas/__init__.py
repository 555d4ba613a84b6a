"""Provider schemas that need no provider: derived from the installed SDKs and from CloudFormation.

Pulumi's provider schemas are in no Python package. ``build`` reads what the SDKs keep of them and adds the
value constraints of AWS's own CloudFormation schemas; this module answers from the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from . import catalogue
from .fault import inside
from .problem import Problem
from .scalar import Text
from .shape import Nested, Object

METADATA = "@meta/v1/ObjectMetaArgs"

__all__ = ["Problem", "check", "create_only", "known", "mismatch", "outputs", "secret_outputs", "tokens"]


def known(token: str) -> bool:
    """Whether resources of this type can be checked.

    True for every resource type of the catalogue and for Kubernetes custom resources
    (``kubernetes:<group>/<version>:<Kind>``, where the group is a domain that the SDK does not serve).
    """
    return catalogue.entry(catalogue.package_of(token), token) is not None or _is_custom(token)


def check(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """All that is wrong with a resource's inputs; empty when nothing is.

    ``inputs`` has the provider's property names and JSON-like values. ``UNKNOWN`` is accepted anywhere. A
    ``Secret`` is checked by its value, and no problem tells any part of it. None counts as not given. Checked:
    types, unknown and missing properties, and for AWS and Kubernetes the values (enums, patterns, lengths,
    ranges, numbers of items). Raises ``KeyError`` with the token where ``known`` is false.
    """
    faults = inside(_check_of(token), inputs)
    return [f.problem() for f in faults] if faults else []


def outputs(token: str) -> Mapping[str, str]:
    """Output properties with their types: ``string``, ``[T]``, ``{T}``, ``object``, ``@module/NameArgs``.

    Every input is an output too. Raises ``KeyError`` for a type that is not in the catalogue.
    """
    return _outputs(token)


def secret_outputs(token: str) -> frozenset[str]:
    """Output properties that the provider marks as secret."""
    return frozenset(_entry(token).get("secret", ()))


def create_only(token: str) -> frozenset[str]:
    """Top-level inputs whose change replaces the resource, as far as CloudFormation and the SDK's docs say.

    For Kubernetes the set is empty: what replaces an object there is the provider's own choice.
    """
    return frozenset(_entry(token).get("createOnly", ()))


def tokens(package: str) -> list[str]:
    """Every resource type of a package (``aws``, ``kubernetes``). Reads the whole catalogue, so not on a hot path."""
    return [name for name in catalogue.names(package) if ":" in name]


def mismatch(installed: Mapping[str, str] | None = None) -> str | None:
    """One sentence when the installed SDKs are not those that the catalogue was built from, else None.

    ``installed`` is version by package (``{"aws": "7.51.1"}``), by default what this interpreter finds. A package
    that is not installed differs in nothing.
    """
    versions = _installed() if installed is None else installed
    differing = [
        f"pulumi-{package} {versions[package]} is installed, {version} was read"
        for package, version in catalogue.built()["sdks"].items()
        if versions.get(package, version) != version
    ]
    if not differing:
        return None
    rebuild = "input checks may be out of date: run python -m modelyard.offline.schemas.build"
    return f"{'; '.join(differing)}; {rebuild}"


def _installed() -> dict[str, str]:
    from importlib import metadata  # Slow to import, and a check never needs it.

    versions = {}
    for package in catalogue.built()["sdks"]:
        try:
            versions[package] = metadata.version(f"pulumi-{package}")
        except metadata.PackageNotFoundError:
            continue
    return versions


@cache
def _check_of(token: str) -> Any:
    package = catalogue.package_of(token)
    if _is_custom(token) and catalogue.entry(package, token) is None:
        return _custom_resource(token)
    return catalogue.check_of(package, token)


def _entry(token: str) -> Mapping[str, Any]:
    stored = catalogue.entry(catalogue.package_of(token), token)
    if stored is None:
        if _is_custom(token):
            return {}
        raise KeyError(token)
    return stored


@cache
def _outputs(token: str) -> Mapping[str, str]:
    stored = _entry(token)
    if not stored:
        return {"apiVersion": "string", "kind": "string", "metadata": METADATA, "spec": "any", "status": "any"}
    inputs = {n: d if isinstance(d, str) else d[0] for n, d in stored["properties"].items()}
    return {**inputs, **stored.get("outputs", {})}


def _is_custom(token: str) -> bool:
    package, _, rest = token.partition(":")
    api, _, kind = rest.rpartition(":")
    group, _, version = api.partition("/")
    if package != "kubernetes" or "." not in group or not version or not kind:
        return False
    return group not in catalogue.built()["kubernetes_groups"]


def _custom_resource(token: str) -> Object:
    """Checks what every custom resource has; the rest is for the cluster that serves its definition to know."""
    api, _, kind = token.removeprefix("kubernetes:").rpartition(":")
    name = Text({"minLength": 1, "maxLength": 253})
    metadata = Nested(METADATA[1:], lambda other: catalogue.check_of("kubernetes", other), {"name": name})
    identity = {"apiVersion": Text({"enum": [api]}), "kind": Text({"enum": [kind]}), "metadata": metadata}
    return Object(identity, [], is_open=True)
