"""The guide of AKS says of every field of Azure's API whether it is written, and its example can be copied."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from modelyard.environment.aks import Aks
from modelyard.environment.aks_nodes import AksNodes
from modelyard.environment.cluster import Cluster
from modelyard.offline import run
from modelyard.offline.schemas import catalogue
from modelyard.offline.simulated import answering_providers
from modelyard.resolve.cluster import decide_cluster

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "aks.md").read_text(encoding="utf-8")
PROGRAM = ROOT / "tests" / "engine" / "programs" / "aks"


def fields(kind: str) -> dict[str, str]:
    """By name of the field: always, offered or left."""
    table = GUIDE.partition(f"| `{kind}` | | |\n")[2].partition("\n\n")[0]
    return {name: how for name, how in re.findall(r"^\| `(\w+)` \| (\w+) \|", table, re.MULTILINE)}


@pytest.mark.parametrize("kind", ["ManagedCluster", "AgentPool"])
def test_every_field_is_gone_through(kind: str) -> None:
    entry = catalogue.entry("azure-native", f"azure-native:containerservice:{kind}")
    assert entry is not None
    assert fields(kind).keys() == entry["properties"].keys()
    assert set(fields(kind).values()) == {"always", "offered", "left"}


def test_what_is_written_always_or_never_is_so_in_a_program_with_pools_of_every_kind() -> None:
    graph = run(PROGRAM, project="aks", stack="dev", providers=answering_providers()).graph
    for kind in ("ManagedCluster", "AgentPool"):
        made = [set(each.inputs) for each in graph.of_type(f"azure-native:containerservice:{kind}")]
        assert made
        said = fields(kind)
        assert {name for name, how in said.items() if how == "always"} <= set.intersection(*made)
        assert not {name for name, how in said.items() if how == "left"} & set.union(*made)


def test_every_setting_that_only_aks_has_is_named() -> None:
    named = {f"aks.{name}" for name in Aks.model_fields} - {"aks.nodes", "aks.encrypt_secrets", "aks.subscription_id"}
    assert {each for each in named if each not in GUIDE} == set()
    assert {name for name in AksNodes.model_fields if f"aks.{name}" not in GUIDE} == set()


def test_the_example_can_be_copied() -> None:
    (declared,) = yaml.safe_load(GUIDE.partition("```yaml\n")[2].partition("```")[0])["clusters"]
    _, findings = decide_cluster(Cluster.model_validate(declared), environment="prod")
    assert findings == []
