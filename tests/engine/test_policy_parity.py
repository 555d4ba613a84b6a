"""The policy pack under the real engine and offline: the same verdicts on a program that breaks every rule."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.graph import Secret
from modelyard.offline import run
from modelyard.offline.simulated import answering_providers
from modelyard.review.verdicts import Verdict, run_policies
from modelyard_policies.config import for_environment
from modelyard_policies.pack import NAMES, policies

from .real_engine import REPO, Engine, Project

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

PROGRAM = REPO / "tests" / "engine" / "programs" / "violations"
PASSWORD = "hunter2-hunter2"
DESCRIPTIONS = {policy.name: policy.description for policy in policies()}
Told = set[tuple[str, str, str, str]]
"""policy, level, URN, message"""


def prod(budget: str = "20") -> dict[str, Any]:
    return for_environment(
        "prod", {"log-retention": "mandatory"}, {"merchandising": budget, "toys": "1"}, custom_metrics=["other_metric"]
    )


def dev() -> dict[str, Any]:
    return for_environment("dev", {"volumes-encrypted": "disabled"}, {"merchandising": "20"})


@pytest.mark.parametrize("config", [prod("1000"), dev(), {}], ids=["prod", "dev", "none"])
def test_the_engine_and_the_offline_run_say_the_same(engine: Engine, config: dict[str, Any]) -> None:
    project = engine.project(PROGRAM, "violations")
    project.set_config("dev", {"password": PASSWORD}, secret=True)
    theirs = preview(project, config)
    graph = run(
        PROGRAM,
        project="violations",
        stack="dev",
        config={"violations:password": Secret(PASSWORD)},
        providers=answering_providers(),
    ).graph
    ours = run_policies(graph, config)
    assert PASSWORD not in repr(ours) + repr(theirs)
    assert told(ours) - theirs == set()
    assert theirs - told(ours) == set()
    assert len(ours) == len(told(ours))


def test_the_program_breaks_every_rule() -> None:
    """What the comparison is worth."""
    graph = run(
        PROGRAM,
        project="violations",
        stack="dev",
        config={"violations:password": Secret(PASSWORD)},
        providers=answering_providers(),
    ).graph
    found = run_policies(graph, prod())
    broken = {verdict.policy for verdict in found if not verdict.message.startswith("can't run policy")}
    assert sorted(set(NAMES) - broken) == []
    assert any(verdict.message.startswith("can't run policy 'image-pinned'") for verdict in found)


def told(verdicts: list[Verdict]) -> Told:
    return {(each.policy, each.level, each.urn, each.message) for each in verdicts}


def preview(project: Project, config: dict[str, Any]) -> Told:
    """The policy events of ``pulumi preview``, without the description that the engine puts before each message."""
    project.select("dev")
    settings = project.folder / "policy-config.json"
    settings.write_text(json.dumps(config), encoding="utf-8")
    pack = pack_of_this_interpreter(project.folder.parent / "pack")
    packs = ["--policy-pack", str(pack), "--policy-pack-config", str(settings)]
    done = subprocess.run(
        ["pulumi", "preview", "--json", "--stack", "dev", *packs],
        cwd=project.folder,
        env={**project.engine.env, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert any("policyAnalyzeStackSummaryEvent" in event for event in events), done.stdout[-4000:] + done.stderr[-4000:]
    return {told_by(event["policyEvent"]) for event in events if "policyEvent" in event}


def told_by(event: dict[str, Any]) -> tuple[str, str, str, str]:
    policy = event["policyName"]
    message = event["message"].strip("\n").removeprefix(DESCRIPTIONS[policy]).strip("\n")
    return policy, event["enforcementLevel"], event.get("resourceUrn", ""), message


def pack_of_this_interpreter(target: Path) -> Path:
    """The pack as it is, but for the virtual environment that it runs in."""
    shutil.copytree(REPO / "policies", target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    settings = yaml.safe_load((target / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    settings["runtime"] = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
    (target / "PulumiPolicy.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return target
