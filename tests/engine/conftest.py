"""Tests against the real Pulumi engine, which is not a dependency: without it they are skipped, and say so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .real_engine import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """The real engine on a backend of its own, with the simulated providers as its plugins."""
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi engine (`pulumi`) is not on PATH: parity with it is NOT checked in this run")
    return Engine(tmp_path)
