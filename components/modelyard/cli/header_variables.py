"""Headers whose values are in environment variables, so that no command line shows them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..http_header import unsendable
from ..review.atomic_file import CannotWrite


def headers_of(given: Sequence[str]) -> dict[str, str]:
    """Of ``--header-env NAME=VARIABLE`` texts, without space around the values.

    Raises:
        CannotWrite: another form, a variable that is not set or is empty, or a value that no header can hold. The
            value is not shown.
    """
    headers: dict[str, str] = {}
    for text in given:
        name, _, variable = text.partition("=")
        value = os.environ.get(variable, "").strip()
        if not name or not value:
            raise CannotWrite(f"--header-env {text}: write NAME=VARIABLE, where the environment has that VARIABLE")
        if (why := unsendable(name, value)) is not None:
            raise CannotWrite(f"--header-env {text}: {why}")
        headers[name] = value
    return headers
