"""Headers whose values are in environment variables, so that no command line shows them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..review.atomic_file import CannotWrite


def headers_of(given: Sequence[str]) -> dict[str, str]:
    """Of ``--header-env NAME=VARIABLE`` texts. Raises CannotWrite for another form, and a variable that is not set."""
    headers: dict[str, str] = {}
    for text in given:
        name, _, variable = text.partition("=")
        value = os.environ.get(variable)
        if not name or not variable or value is None:
            raise CannotWrite(f"--header-env {text}: write NAME=VARIABLE, where the environment has that VARIABLE")
        headers[name] = value
    return headers
