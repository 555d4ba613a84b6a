"""Two hundred pools in one environment are decided without a quadratic step: calls are counted, not seconds."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from modelyard.environment.load import load
from modelyard.resolve.environment import resolve
from modelyard.resolve.resolved import Resolution

UUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
CLUSTERS = {
    "aws": {"region": "us-east-1", "network": {"cidr": "10.1.0.0/16"}},
    "gcp": {"region": "us-central1", "gke": {"project": "acme-ml"}},
    "azure": {"region": "eastus", "aks": {"subscription_id": UUID, "tenant_id": UUID, "resource_group": "ml"}},
}
FEW, MANY = 50, 200


def written(root: Path, cloud: str, pools: int) -> Path:
    """An environment with so many pools, each with a model of its own, and a quota for all."""
    folder = root / str(pools) / "stacks" / "prod"
    family = {"aws": "G and VT", "gcp": "NVIDIA_T4_GPUS", "azure": "Standard NCASv3_T4 Family"}[cloud]
    owner = {"cost_center": "CC-1000", "owner": "ml@example.com"}
    platform = {
        "environment": "prod",
        "tier": "dev",
        "organization": "acme",
        **owner,
        "gateway": {"domain": "models.example.com"},
        "quotas": [{"cloud": cloud, "region": CLUSTERS[cloud]["region"], "family": family, "limit": 100_000}],
        "clusters": [
            {
                "name": "east",
                "cloud": cloud,
                **CLUSTERS[cloud],
                "gpu_pools": [{"name": f"t4-{number}", "accelerator": "T4", "max_nodes": 4} for number in range(pools)],
            }
        ],
    }
    models = [
        {
            "name": f"m{number}",
            "task": "ranking",
            "format": "onnx",
            "source": "../models/shared",
            "pool": f"t4-{number}",
        }
        for number in range(pools)
    ]
    department = {"department": "toys", **owner, "monthly_budget_usd": 500, "models": models}
    (folder / "departments").mkdir(parents=True)
    (folder / "platform.yaml").write_text(yaml.safe_dump(platform))
    (folder / "departments" / "toys.yaml").write_text(yaml.safe_dump(department))
    (root / str(pools) / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
    weights = root / str(pools) / "stacks" / "models" / "shared" / "1" / "model.onnx"
    weights.parent.mkdir(parents=True)
    weights.write_text("w")
    return folder


def calls(folder: Path) -> tuple[int, Resolution]:
    """Function calls of resolving, and the resolution."""
    environment = load(folder)
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        resolution = resolve(environment)
    finally:
        sys.setprofile(before)
    return counted, resolution


@pytest.mark.parametrize("cloud", CLUSTERS)
def test_four_times_as_many_pools_take_about_four_times_as_many_calls(tmp_path: Path, cloud: str) -> None:
    calls(written(tmp_path / "warm", cloud, 2))
    few, _ = calls(written(tmp_path, cloud, FEW))
    many, resolution = calls(written(tmp_path, cloud, MANY))
    assert len(resolution.clusters[0].gpu_pools) == MANY
    assert len({pool.name for pool in resolution.clusters[0].gpu_pools}) == MANY
    assert many / few < 1.25 * MANY / FEW
