"""A mistake that resolving found, before anybody knows the file that it stands in."""

from __future__ import annotations

from typing import NamedTuple

from ..environment.yaml_document import Steps


class Finding(NamedTuple):
    """Where, below the thing at hand (a pool, a model), and the sentence."""

    steps: Steps
    message: str
