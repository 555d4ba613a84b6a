"""Checks of a model repository before anything starts."""

from __future__ import annotations

from .check import check

__all__ = ["check"]
