"""Fields of Triton's ModelConfig that not every release knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from modelyard.catalog.table import rows


@cache
def first_releases() -> Mapping[str, str]:
    """Release by field, ``ModelInput.optional`` to ``22.01``: of fields and values that came after 21.02. What is not
    in it is in every known release."""
    return MappingProxyType({row["field"]: row["first_release"] for row in rows("triton_config_fields.csv")})
