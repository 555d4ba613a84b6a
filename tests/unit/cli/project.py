"""A copy of this repository's own project, to be changed by a test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import modelyard

REPOSITORY = Path(__file__).parents[3]


def copied(folder: Path) -> Path:
    """Pulumi.yaml and the stacks, below a new folder."""
    project = folder / "project"
    project.mkdir()
    shutil.copy(REPOSITORY / "Pulumi.yaml", project)
    shutil.copytree(REPOSITORY / "stacks", project / "stacks")
    return project


def command(
    *arguments: str, cwd: Path = REPOSITORY, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``modelyard`` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "modelyard.cli", *arguments],
        cwd=cwd,
        env=process_environment(environment),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def process_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with the package findable from any folder and no terminal settings."""
    kept = {
        key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM")
    }
    components = Path(modelyard.__file__).parents[1]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(components), str(components.parent / "policies")]),
        "PYTHONIOENCODING": "utf-8",
        **(extra or {}),
    }
