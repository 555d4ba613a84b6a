"""The refusal of a type or function that a simulated provider does not know."""

from __future__ import annotations

import difflib

from modelyard.offline import schemas


class UnknownFunction(LookupError):
    """A function that a simulated provider does not know."""

    def __init__(self, package: str, token: str, known: list[str]) -> None:
        super().__init__(_sentence(package, "function", token, known))


class UnknownResource(LookupError):
    """A resource type that is not in the provider's schema."""

    def __init__(self, package: str, token: str) -> None:
        super().__init__(_sentence(package, "resource type", token, schemas.tokens(package)))


def _sentence(package: str, what: str, token: str, known: list[str]) -> str:
    close = difflib.get_close_matches(token, known, 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"the simulated {package} provider knows no {what} {token!r}{hint}"
