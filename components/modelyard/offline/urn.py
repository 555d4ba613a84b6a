"""Uniform resource names, as the Pulumi engine composes and reads them.

``urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>``; a name may itself contain ``::``.
"""

from __future__ import annotations

ROOT_STACK_TYPE = "pulumi:pulumi:Stack"


def make_urn(stack: str, project: str, parent: str | None, type_: str, name: str) -> str:
    """The URN of a resource under ``parent`` (a URN). The root stack adds nothing to the chain of types."""
    chain = qualified_type(parent) if parent else ROOT_STACK_TYPE
    qualified = type_ if chain == ROOT_STACK_TYPE else f"{chain}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def qualified_type(urn: str) -> str:
    """The chain of types in a URN: ``my:index:Parent$aws:s3/bucket:Bucket``."""
    return urn.split("::", 3)[2]


def name_of(urn: str) -> str:
    """The logical name at the end of a URN."""
    return urn.split("::", 3)[3]


def is_provider_type(type_: str) -> bool:
    return type_.startswith("pulumi:providers:")


def package_of(token: str) -> str:
    """The package of a type or function token: ``aws`` for ``aws:s3/bucket:Bucket``, also for its provider."""
    if is_provider_type(token):
        return token.rpartition(":")[2]
    return token.partition(":")[0]
