"""The base of everything a user declares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Declaration(BaseModel):
    """Unknown keys are errors, and so are values of another type (text for a number, a number for true or false);
    a declaration never changes after it was read.

    What a field is stands in the string below it; :func:`modelyard.environment.descriptions.descriptions` reads
    these, so that nobody pays for it who only plans.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, hide_input_in_errors=True)
