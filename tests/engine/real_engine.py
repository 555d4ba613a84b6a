"""The real Pulumi engine, with a backend and home of its own and simulated providers as plugins."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from modelyard.offline.plugins import write_plugins

REPO = Path(__file__).resolve().parents[2]

Steps = list[tuple[str, str]]
"""What the engine does or would do, in its order: operation and URN. Resources that stay the same are left out."""


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
        self.plugins = write_plugins(self.folder / "plugins", self.drift)

    @property
    def drift(self) -> Path:
        """Where a test writes what somebody changed by hand."""
        return self.folder / "drift.json"

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
            "PULUMI_DEBUG_COMMANDS": "true",  # for --event-log
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

    def preview(
        self, stack: str, *, policy_pack: Path | None = None, policy_config: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The JSON document of ``pulumi preview --json``, and the engine's events as ``events``.

        Raises EngineFailed; where policies run, a violation alone is no failure.
        """
        self.select(stack)
        log = self.folder.parent / "events.jsonl"
        log.unlink(missing_ok=True)
        arguments = ["preview", "--json", "--stack", stack, "--event-log", str(log)]
        if policy_pack is not None:
            settings = self.folder.parent / "policy-config.json"
            settings.write_text(json.dumps(policy_config or {}), encoding="utf-8")
            arguments += ["--policy-pack", str(policy_pack), "--policy-pack-config", str(settings)]
        done = self.run(*arguments, check=False)
        try:
            document = json.loads(done.stdout)
        except json.JSONDecodeError:
            raise EngineFailed(f"pulumi preview: {done.stdout}\n{done.stderr}") from None
        if done.returncode != 0 and policy_pack is None:
            said = "".join(diagnostic["message"] for diagnostic in document.get("diagnostics", ()))
            raise EngineFailed(f"pulumi preview: exit {done.returncode}\n{said}{done.stderr}")
        return {**document, "events": _events(log.read_text(encoding="utf-8"))}

    def planned_steps(self, stack: str) -> Steps:
        """What ``pulumi up`` would do."""
        return _steps(self.preview(stack)["events"])

    def steps(self, stack: str) -> Steps:
        """Deploy; what was done."""
        self.select(stack)
        return _steps(_events(self.run("up", "--yes", "--skip-preview", "--json", "--stack", stack).stdout))

    def up(self, stack: str) -> dict[str, int]:
        """Deploy; the number of resources by what was done: ``{"create": 12}`` or ``{"same": 12}``."""
        return self._summary("up", stack)

    def refresh(self, stack: str) -> dict[str, int]:
        """Read what is there; the number of resources by what was found: ``{"same": 11, "update": 1}``."""
        return self._summary("refresh", stack)

    def destroy(self, stack: str) -> dict[str, int]:
        return self._summary("destroy", stack)

    def _summary(self, command: str, stack: str) -> dict[str, int]:
        self.select(stack)
        done = self.run(command, "--yes", "--skip-preview", "--json", "--stack", stack)
        (summary,) = (event["summaryEvent"] for event in _events(done.stdout) if "summaryEvent" in event)
        return {operation: count for operation, count in summary["resourceChanges"].items() if count}

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
            raise EngineFailed(f"pulumi {' '.join(arguments)}: exit {done.returncode}\n{_told(done)}")
        return done


def _events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def _steps(events: Iterable[dict[str, Any]]) -> Steps:
    steps = (event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event)
    return [(step["op"], step["urn"]) for step in steps if step["op"] not in ("same", "read")]


def _told(done: subprocess.CompletedProcess[str]) -> str:
    """What the engine says to a person: without the debug messages among its JSON events."""
    try:
        diagnostics = [event["diagnosticEvent"] for event in _events(done.stdout) if "diagnosticEvent" in event]
    except json.JSONDecodeError:
        diagnostics = []
    said = "".join(each["message"] for each in diagnostics if each["severity"] != "debug")
    return f"{said or done.stdout}\n{done.stderr}"
