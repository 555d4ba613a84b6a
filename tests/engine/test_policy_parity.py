"""The policy pack under the real engine and offline: the same verdicts on a program that breaks every rule."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import Secret
from modelyard.offline import run
from modelyard.offline.simulated import answering_providers
from modelyard.review.verdicts import run_policies
from modelyard_policies.config import for_environment
from modelyard_policies.pack import NAMES

from .engine_policies import previewed, told
from .real_engine import REPO, Engine

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

PROGRAM = REPO / "tests" / "engine" / "programs" / "violations"
PASSWORD = "hunter2-hunter2"
ON_EVERY_CLOUD = (
    "bucket-encrypted-versioned-private",
    "cluster-endpoint-not-open",
    "cluster-logging",
    "cluster-secrets-encrypted",
    "department-tag",
    "network-policy-enforced",
    "node-pool-limits",
    "ownership-tags",
)


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
    _document, theirs = previewed(project, "dev", config)
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
    on_clouds = {(verdict.policy, (verdict.urn or "").split("::")[2].partition(":")[0]) for verdict in found}
    assert (
        sorted({(rule, cloud) for rule in ON_EVERY_CLOUD for cloud in ("aws", "gcp", "azure-native")} - on_clouds) == []
    )
