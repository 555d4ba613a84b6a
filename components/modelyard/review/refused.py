"""What a person declared cannot be planned."""

from __future__ import annotations


class PlanRefused(Exception):
    """Invalid input. ``str()`` is what to print: every problem on a line of its own, no secret in any."""
