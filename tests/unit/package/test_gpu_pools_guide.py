"""The guide of GPU pools says what the tables say."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from modelyard.catalog.table import rows
from modelyard.environment.cluster import Cluster
from modelyard.environment.quota import Quota
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.quota import quota_findings

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "gpu-pools.md").read_text(encoding="utf-8")


CHANGES = [
    ("What a change does", "pool_changes.csv", {"new_pool": "new pool", "new_nodes": "new nodes"}),
    (
        "What a change of a cluster does",
        "cluster_changes.csv",
        {
            "new_cluster": "another cluster",
            "new_pools": "pools anew",
            "new_system_nodes": "system nodes anew",
            "new_nodes": "new nodes",
            "refused": "refused",
        },
    ),
]


@pytest.mark.parametrize(("title", "file", "words"), CHANGES, ids=[file for _, file, _ in CHANGES])
def test_every_change_is_as_the_table_says(title: str, file: str, words: dict[str, str]) -> None:
    known = {(row["cloud"], row["field"]): words[row["change"]] for row in rows(file)}
    table = GUIDE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    shown = {
        (cloud, line[0].strip("`")): said
        for line in lines
        for cloud, said in zip(("aws", "gcp", "azure"), line[1:], strict=True)
        if said not in ("in place", "–")
    }
    assert shown == known


def test_the_declaration_that_it_shows_works() -> None:
    shown = yaml.safe_load(GUIDE.partition("```yaml\n")[2].partition("```")[0])
    (declared,) = shown["clusters"]
    cluster, findings = decide_cluster(Cluster.model_validate(declared), environment="prod")
    quotas = [Quota.model_validate(quota) for quota in shown["quotas"]]
    assert [*findings, *quota_findings(quotas, [cluster])] == []
    assert [group.name for group in cluster.gpu_pools[0].node_groups] == ["l4", "l4-floor"]
