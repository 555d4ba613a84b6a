"""The guide of GPU pools says what the tables say."""

from __future__ import annotations

from pathlib import Path

import yaml
from modelyard.catalog.table import rows
from modelyard.environment.cluster import Cluster
from modelyard.environment.quota import Quota
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.quota import quota_findings

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "gpu-pools.md").read_text(encoding="utf-8")


def test_every_change_is_as_the_table_says() -> None:
    words = {"new_pool": "new pool", "new_nodes": "new nodes"}
    known = {(row["cloud"], row["field"]): words[row["change"]] for row in rows("pool_changes.csv")}
    table = GUIDE.partition("## What a change does")[2]
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
