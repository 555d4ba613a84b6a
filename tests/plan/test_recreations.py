"""What a plan says before a change, what ``--since`` says of it, and what the clouds' tables say are one thing: every
key of a pool is changed on every cloud, all in one environment of each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

import pytest
import yaml
from modelyard.catalog.table import rows
from modelyard.environment.cluster import Cluster
from modelyard.environment.cpu_pool import CpuPool
from modelyard.environment.declaration import Declaration
from modelyard.environment.gpu_pool import GpuPool
from modelyard.offline.simulated.replacement import replacing_paths
from modelyard.resolve.pool_changes import is_among
from modelyard.review.build import plan
from modelyard.review.change_text import lost_sentences
from modelyard.review.earlier_plan import read_earlier_plan
from modelyard.review.plan import PlanDocument
from modelyard.review.plan_json import lines
from modelyard.review.recreation_text import recreation_sentence
from modelyard.review.recreations import Recreation

from .recreation_cases import CASES, ELSEWHERE, Case

ROOT = Path(__file__).resolve().parents[2]
SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
CLUSTERS: dict[str, dict[str, Any]] = {
    "aws": {"region": "us-east-1", "node_autoscaler": "karpenter"},
    "gcp": {"cloud": "gcp", "region": "us-central1", "gke": {"project": "shop-prod"}},
    "azure": {
        "cloud": "azure",
        "region": "eastus",
        "aks": {"subscription_id": SUBSCRIPTION, "tenant_id": SUBSCRIPTION, "resource_group": "shop"},
    },
}
ONE: dict[str, dict[str, Any]] = {
    "aws": {"name": "m", "instance_types": ["m6i.xlarge"]},
    "gcp": {"name": "m", "instance_types": ["e2-standard-4"]},
    "azure": {"name": "m", "instance_types": ["Standard_D4s_v5"]},
}


class ClusterCase(NamedTuple):
    before: dict[str, Any]
    after: dict[str, Any]
    said: list[str]
    """How sentences about it begin, its name left out."""


ANEW = ": a new pool is made before the old one is drained; "
WITH_IT = ".cpu_pools[m]: goes with {}: the old pool goes first, and its pods wait until the new one has nodes"
OF_CLUSTERS: dict[str, dict[str, ClusterCase]] = {
    "aws": {
        "zones": ClusterCase(
            {"network": {"cidr": "10.20.0.0/18"}},
            {"network": {"cidr": "10.20.0.0/18", "zones": ["us-east-1a", "us-east-1b"]}},
            [
                '.cpu_pools[m]: {}.network.zones (default) -> ["us-east-1a", "us-east-1b"] (NodeGroup.subnetIds cannot '
                "change in place)" + ANEW,
                '.system_nodes: {}.network.zones (default) -> ["us-east-1a", "us-east-1b"] (NodeGroup.subnetIds cannot '
                "change in place)" + ANEW,
            ],
        ),
        "services": ClusterCase(
            {"network": {"cidr": "10.21.0.0/18"}},
            {"network": {"cidr": "10.21.0.0/18", "services_cidr": "192.168.0.0/18"}},
            [
                ": network.services_cidr (default) -> 192.168.0.0/18 (Cluster.kubernetesNetworkConfig.serviceIpv4Cidr "
                "cannot change in place): EKS makes another cluster, with its pool; the old one goes first, so no "
                "model answers from then until the new one serves",
                WITH_IT,
            ],
        ),
        "addresses": ClusterCase(
            {"network": {"cidr": "10.22.0.0/18"}},
            {"network": {"cidr": "10.22.128.0/18"}},
            [
                ": network.cidr 10.22.0.0/18 -> 10.22.128.0/18: EKS refuses this, and pulumi up ends with its error; ",
                ".cpu_pools[m]: {}.network.cidr 10.22.0.0/18 -> 10.22.128.0/18 (NodeGroup.subnetIds cannot change in ",
                ".system_nodes: {}.network.cidr 10.22.0.0/18 -> 10.22.128.0/18 (NodeGroup.subnetIds cannot change in ",
            ],
        ),
    },
    "gcp": {
        "addresses": ClusterCase(
            {"network": {"cidr": "10.64.0.0/18", "pods_cidr": "10.128.0.0/14", "services_cidr": "10.65.0.0/20"}},
            {"network": {"cidr": "10.64.64.0/18", "pods_cidr": "10.128.0.0/14", "services_cidr": "10.65.0.0/20"}},
            [
                ": network.cidr 10.64.0.0/18 -> 10.64.64.0/18 (Cluster.subnetwork cannot change in place): GKE makes "
                "another cluster, with its pool; the old one goes first, ",
                WITH_IT,
            ],
        ),
        "disks": ClusterCase(
            {"network": {"cidr": "10.66.0.0/18", "pods_cidr": "10.132.0.0/14", "services_cidr": "10.67.0.0/20"}},
            {
                "network": {"cidr": "10.66.0.0/18", "pods_cidr": "10.132.0.0/14", "services_cidr": "10.67.0.0/20"},
                "gke": {"project": "shop-prod", "encrypt_disks": True},
            },
            [
                ".cpu_pools[m]: {}.gke.encrypt_disks (default) -> true (NodePool.nodeConfig.bootDiskKmsKey cannot "
                "change in place)" + ANEW,
                ".system_nodes: {}.gke.encrypt_disks (default) -> true (NodePool.nodeConfig.bootDiskKmsKey cannot "
                "change in place)" + ANEW,
            ],
        ),
    },
    "azure": {
        "pods": ClusterCase(
            {"network": {"cidr": "10.64.0.0/18", "pods_cidr": "10.128.0.0/16", "services_cidr": "10.65.0.0/18"}},
            {"network": {"cidr": "10.64.0.0/18", "pods_cidr": "10.129.0.0/16", "services_cidr": "10.65.0.0/18"}},
            [
                ": network.pods_cidr 10.128.0.0/16 -> 10.129.0.0/16 (ManagedCluster.networkProfile.podCidr cannot "
                "change in place): AKS makes another cluster, with its pool; the old one goes first, ",
                WITH_IT,
            ],
        ),
        "hardened": ClusterCase(
            {"network": {"cidr": "10.66.0.0/18", "pods_cidr": "10.130.0.0/16", "services_cidr": "10.67.0.0/18"}},
            {
                "network": {"cidr": "10.66.0.0/18", "pods_cidr": "10.130.0.0/16", "services_cidr": "10.67.0.0/18"},
                "aks": {**CLUSTERS["azure"]["aks"], "nodes": {"encryption_at_host": True}},
            },
            [
                ": aks.nodes.encryption_at_host (default) -> true: AKS refuses this "
                "(ManagedCluster.agentPoolProfiles.enableEncryptionAtHost), ",
                ".cpu_pools[m]: {}.aks.nodes.encryption_at_host (default) -> true (AgentPool.enableEncryptionAtHost "
                "cannot change in place)" + ANEW,
            ],
        ),
    },
}


class Planned(NamedTuple):
    before: PlanDocument
    after: PlanDocument


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    @cache
    def of(cloud: str) -> Planned:
        folder = tmp_path_factory.mktemp(cloud)
        environment = folder / "stacks" / "prod"
        environment.mkdir(parents=True)
        shutil.copy(ROOT / "Pulumi.yaml", folder)
        shutil.copy(ROOT / "stacks" / "__main__.py", folder / "stacks")
        config = "config:\n  modelyard:platform: prod\n  modelyard:layer: all\n"
        (folder / "stacks" / "Pulumi.prod.yaml").write_text(config, encoding="utf-8")

        def written(side: int) -> Path:
            text = yaml.safe_dump(declared(cloud, side), sort_keys=False)
            (environment / "platform.yaml").write_text(text, encoding="utf-8")
            return environment

        before = plan(written(0), folder / "stacks")
        (folder / "before.json").write_text("".join(lines(before)), encoding="utf-8")
        after = plan(written(1), folder / "stacks", earlier=read_earlier_plan(folder / "before.json"))
        return Planned(before, after)

    yield of


def declared(cloud: str, side: int) -> dict[str, Any]:
    """The environment before (0) and after (1) all changes."""
    pools = [{"name": f"p{at:02}", **(case.before, case.after)[side]} for at, case in enumerate(CASES[cloud])]
    others = [
        {"name": name, **CLUSTERS[cloud], "cpu_pools": [ONE[cloud]], **(case.before, case.after)[side]}
        for name, case in OF_CLUSTERS[cloud].items()
    ]
    return {
        "environment": "prod",
        "tier": "prod",
        "organization": "shop",
        "owner": "ml@shop.example",
        "cost_center": "CC-1",
        "layers": "all",
        "gateway": {"domain": "ml.shop.example", "reach": "internal", "certificates": "private_ca"},
        "clusters": [{"name": "main", **CLUSTERS[cloud], "gpu_pools": pools}, *others],
    }


def leaves(declaration: type[Declaration], start: str = "") -> Iterator[str]:
    """Every key that can be written, to the end of its path."""
    for name, field in declaration.model_fields.items():
        inner = list(_sections(field.annotation))
        for each in inner:
            yield from leaves(each, f"{start}{name}.")
        if not inner:
            yield f"{start}{name}"


def _sections(annotation: Any) -> Iterator[type[Declaration]]:
    if isinstance(annotation, type) and issubclass(annotation, Declaration):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _sections(each)


@pytest.mark.parametrize("cloud", CASES)
def test_no_key_of_a_pool_is_forgotten(cloud: str) -> None:
    known = {*leaves(GpuPool), *leaves(CpuPool)} - {"name", "system"}
    assert {case.key for case in CASES[cloud]} | ELSEWHERE[cloud] == known
    assert not {case.key for case in CASES[cloud]} & ELSEWHERE[cloud]


EVERY = [pytest.param(cloud, at, id=f"{cloud}-{case.key}") for cloud in CASES for at, case in enumerate(CASES[cloud])]


@pytest.mark.whole
@pytest.mark.parametrize(("cloud", "at"), EVERY)
def test_a_plan_says_before_and_after_what_the_tables_say(planned: Any, cloud: str, at: int) -> None:
    case, name = CASES[cloud][at], f"p{at:02}"
    before, after = planned(cloud)
    line = next(line for line in before.pools if line.name == name)
    found = next((each for each in after.changes.recreations if each.path == line.path), None)
    assert is_among(case.key, line.recreated_by) == (expected(cloud, case) == "new_pool")
    if expected(cloud, case) is None:
        assert found is None
        return
    assert found is not None
    assert found.outcome == {"new_pool": "made_anew", "new_nodes": "new_nodes"}[expected(cloud, case) or ""]
    named = [each.key.removeprefix(f"{line.path}.") for each in found.keys]
    assert any(is_among(case.key, [key]) and key in recreation_sentence(found) for key in named)
    if found.outcome == "made_anew" and case.key != "provisioner":
        assert told_by_the_table(cloud, case.key, found)
        assert "a new pool is made before the old one is drained" in recreation_sentence(found)


def expected(cloud: str, case: Case) -> str | None:
    if case.before.get("provisioner") == "karpenter":
        settings = {"karpenter.image_release": "new_nodes", "karpenter.expire_hours": "new_nodes"}
        return settings.get(case.key)
    found = (row for row in rows("pool_changes.csv") if row["cloud"] == cloud and is_among(case.key, [row["field"]]))
    return next((row["change"] for row in found if row["change"] != "in_place"), None)


def told_by_the_table(cloud: str, key: str, found: Recreation) -> bool:
    """Whether what cannot change is what the row says, or at least of a property that the provider replaces for."""
    row = next(row for row in rows("pool_changes.csv") if row["cloud"] == cloud and is_among(key, [row["field"]]))
    kind = row["type"].rpartition(":")[2]
    paths = {f"{kind}.{'.'.join(path)}" for path in replacing_paths(row["type"])}
    return set(found.properties) <= paths | {f"{kind}.{row['property']}"}


CHANGED = [pytest.param(cloud, name, id=f"{cloud}-{name}") for cloud in CASES for name in OF_CLUSTERS[cloud]]


@pytest.mark.whole
@pytest.mark.parametrize(("cloud", "name"), CHANGED)
def test_a_cluster_takes_its_pools_along_and_names_its_key(planned: Any, cloud: str, name: str) -> None:
    found = [
        recreation_sentence(each)
        for each in planned(cloud).after.changes.recreations
        if each.path.startswith(f"clusters[{name}]")
    ]
    starts = [f"clusters[{name}]{each}".replace("{}", f"clusters[{name}]") for each in OF_CLUSTERS[cloud][name].said]
    assert len(found) == len(starts)
    assert all(said.startswith(start) for said, start in zip(found, starts, strict=True)), found


@pytest.mark.whole
@pytest.mark.parametrize("cloud", CASES)
def test_nothing_that_stays_is_said_to_lose_data(planned: Any, cloud: str) -> None:
    assert list(lost_sentences(planned(cloud).after.changes)) == []


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{row['cloud']}-{row['field']}") for row in rows("cluster_changes.csv")]
)
def test_a_row_of_clusters_agrees_with_the_table_of_replacements(row: dict[str, str]) -> None:
    assert row["field"].partition(".")[0] in Cluster.model_fields
    assert row["source"]
    if row["type"] and row["source"].startswith("replacements.csv"):
        listed = {(each["type"], each["property"]): each["replaces"] for each in rows("replacements.csv")}
        path = tuple(row["property"].split("."))
        replaces = any(path[: len(each)] == each for each in replacing_paths(row["type"]))
        assert replaces == (row["change"] != "refused")
        assert replaces or listed[row["type"], row["property"]] == "refused"
