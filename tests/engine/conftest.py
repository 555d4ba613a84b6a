"""Tests against the real Pulumi engine, which is not a dependency: without it they are skipped, and say so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .real_engine import REPO, Engine, Project


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """The real engine on a backend of its own, with the simulated providers as its plugins."""
    return _engine(tmp_path)


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of this project with the stack ``dev`` deployed. Tests put back what they change."""
    project = _engine(tmp_path_factory.mktemp("dev")).project(REPO)
    assert set(project.up("dev")) == {"create"}
    return project


def _engine(folder: Path) -> Engine:
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi engine (`pulumi`) is not on PATH: parity with it is NOT checked in this run")
    return Engine(folder)
