"""The real Pulumi engine, with a backend and home of its own and simulated providers as plugins."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from modelyard.offline.plugins import write_plugins

REPO = Path(__file__).resolve().parents[2]


class EngineFailed(AssertionError):
    """The Pulumi CLI exited with an error."""


@dataclass
class Engine:
    """Projects copied under ``folder``, deployed to a file backend beside them."""

    folder: Path
    plugins: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("state", "home", "plugins"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.plugins = write_plugins(self.folder / "plugins")

    @property
    def env(self) -> dict[str, str]:
        paths = [str(REPO / "components"), str(REPO / "policies")]
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "AWS_"))},
            "PYTHONPATH": os.pathsep.join(paths),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def project(self, source: Path, name: str = "project") -> Project:
        """A copy of the project in ``source`` that uses the simulated providers and this interpreter."""
        target = self.folder / name
        hidden = shutil.ignore_patterns(".*", "__pycache__", "out", "build", "dist", "tests", "benchmarks", "docs")
        shutil.copytree(source, target, ignore=hidden)
        path = target / "Pulumi.yaml"
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        settings["runtime"] = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
        settings["plugins"] = self.plugins
        path.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
        return Project(self, target, settings["name"])


@dataclass
class Project:
    """One project directory. ``stack`` arguments are short names; a stack is made on first use."""

    engine: Engine
    folder: Path
    name: str
    stacks: set[str] = field(default_factory=set)

    def preview(self, stack: str, *, policy_packs: Sequence[Path] = ()) -> dict[str, Any]:
        """The JSON document of ``pulumi preview --json``. Raises EngineFailed."""
        self.select(stack)
        packs = [part for pack in policy_packs for part in ("--policy-pack", str(pack))]
        done = self.run("preview", "--json", "--stack", stack, *packs, check=False)
        try:
            document = json.loads(done.stdout)
        except json.JSONDecodeError:
            raise EngineFailed(f"pulumi preview: {done.stdout}\n{done.stderr}") from None
        document["exit_code"] = done.returncode
        if done.returncode != 0 and not policy_packs:
            said = "".join(diagnostic["message"] for diagnostic in document.get("diagnostics", ()))
            raise EngineFailed(f"pulumi preview: exit {done.returncode}\n{said}{done.stderr}")
        return document

    def up(self, stack: str, *, policy_packs: Sequence[Path] = ()) -> dict[str, int]:
        """Deploy; the number of resources by what was done: ``{"create": 12}`` or ``{"same": 12}``."""
        self.select(stack)
        packs = [part for pack in policy_packs for part in ("--policy-pack", str(pack))]
        events = self.run("up", "--yes", "--skip-preview", "--json", "--stack", stack, *packs)
        return _change_summary(events.stdout)

    def destroy(self, stack: str) -> dict[str, int]:
        events = self.run("destroy", "--yes", "--skip-preview", "--json", "--stack", stack)
        return _change_summary(events.stdout)

    def export(self, stack: str) -> list[dict[str, Any]]:
        """The resources of the stack's state, secrets encrypted."""
        document = json.loads(self.run("stack", "export", "--stack", stack).stdout)
        return document["deployment"].get("resources") or []

    def set_config(self, stack: str, values: Mapping[str, str], secret: bool = False) -> None:
        self.select(stack)
        for key, value in values.items():
            self.run("config", "set", *(["--secret"] if secret else []), "--stack", stack, key, value)

    def select(self, stack: str) -> None:
        if stack not in self.stacks:
            self.run("stack", "init", stack, "--non-interactive")
            self.stacks.add(stack)

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """``pulumi`` with the arguments in the project's folder."""
        done = subprocess.run(
            ["pulumi", *arguments],
            cwd=self.folder,
            env=self.engine.env,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if check and done.returncode != 0:
            raise EngineFailed(f"pulumi {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done


def _change_summary(events: str) -> dict[str, int]:
    for line in reversed(events.splitlines()):
        if '"summaryEvent"' in line:
            changes = json.loads(line)["summaryEvent"]["resourceChanges"]
            return {operation: count for operation, count in changes.items() if count}
    raise EngineFailed(f"no summary in the engine's events:\n{events}")
