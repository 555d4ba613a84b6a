"""Simulated providers as plugins of the real engine."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import modelyard
from modelyard.offline.simulated import served_packages


def write_plugins(folder: Path, drift: Path | None = None) -> dict[str, Any]:
    """Write an executable for each simulated provider under ``folder``; gives the ``plugins`` of a Pulumi.yaml.

    ``drift`` is a file of changes made by hand (:mod:`modelyard.offline.drift`); it may come and go later.

    The executables run this interpreter. No version is pinned, so every SDK version finds them, and the engine
    starts one process for each provider instance.
    """
    root = Path(modelyard.__file__).resolve().parent.parent
    by_hand = f" --drift {shlex.quote(str(drift.absolute()))}" if drift is not None else ""
    entries = []
    for package in served_packages():
        home = folder / package
        home.mkdir(parents=True, exist_ok=True)
        launcher = home / f"pulumi-resource-{package}"
        lines = [
            "#!/bin/sh",
            f"PYTHONPATH={shlex.quote(str(root))}${{PYTHONPATH:+:$PYTHONPATH}}",
            "export PYTHONPATH",
            f"exec {shlex.quote(sys.executable)} -m modelyard.offline.provider {package}{by_hand}",
            "",
        ]
        launcher.write_text("\n".join(lines), encoding="utf-8")
        launcher.chmod(0o755)
        entries.append({"name": package, "path": str(home)})
    return {"providers": entries}
