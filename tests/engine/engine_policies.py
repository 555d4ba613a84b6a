"""What the real engine says of a stack when it runs the policy pack."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from modelyard.review.verdicts import Verdict
from modelyard_policies.pack import policies

from .real_engine import REPO, Project

Told = set[tuple[str, str, str, str]]
"""policy, level, URN, message"""


def told(verdicts: Iterable[Verdict]) -> Told:
    return {(each.policy, each.level, each.urn, each.message) for each in verdicts}


def previewed_verdicts(project: Project, stack: str, config: Mapping[str, Any]) -> Told:
    """The policy events of ``pulumi preview``, without the description that the engine puts before each message."""
    project.select(stack)
    settings = project.folder / "policy-config.json"
    settings.write_text(json.dumps(config), encoding="utf-8")
    pack = pack_of_this_interpreter(project.folder.parent / "pack")
    done = subprocess.run(
        ["pulumi", "preview", "--json", "--stack", stack, "--policy-pack", pack, "--policy-pack-config", settings],
        cwd=project.folder,
        env={**project.engine.env, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )  # fmt: skip
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert any("policyAnalyzeStackSummaryEvent" in event for event in events), done.stdout[-4000:] + done.stderr[-4000:]
    descriptions = {policy.name: policy.description for policy in policies()}
    return {_told_by(event["policyEvent"], descriptions) for event in events if "policyEvent" in event}


def _told_by(event: dict[str, Any], descriptions: dict[str, str]) -> tuple[str, str, str, str]:
    policy = event["policyName"]
    message = event["message"].strip("\n").removeprefix(descriptions[policy]).strip("\n")
    return policy, event["enforcementLevel"], event.get("resourceUrn", ""), message


def pack_of_this_interpreter(target: Path) -> Path:
    """The pack as it is, but for the virtual environment that it runs in."""
    if not target.exists():
        shutil.copytree(REPO / "policies", target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        settings = yaml.safe_load((target / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
        settings["runtime"] = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
        (target / "PulumiPolicy.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return target
