"""What the real engine says of a stack when it runs the policy pack."""

from __future__ import annotations

import shutil
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


def previewed(project: Project, stack: str, config: Mapping[str, Any]) -> tuple[dict[str, Any], Told]:
    """One preview with the pack: its document, and its verdicts without the description that the engine puts before
    each message."""
    pack = pack_of_this_interpreter(project.folder.parent / "pack")
    document = project.preview(stack, policy_pack=pack, policy_config=config)
    events = document["events"]
    assert any("policyAnalyzeStackSummaryEvent" in event for event in events), document.get("diagnostics")
    descriptions = {policy.name: policy.description for policy in policies()}
    return document, {_told_by(event["policyEvent"], descriptions) for event in events if "policyEvent" in event}


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
