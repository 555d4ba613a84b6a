"""How the time of a plan grows with GPU pools: CPU seconds of four times as many pools over those of a quarter.

    python benchmarks/many_pools.py [aws gcp azure]

Each figure is a fresh process that plans one environment with one cluster of EKS, GKE or AKS. A plan whose time grows
with the number of pools alone prints at most about 4; one that compares each pool with each would print 16. Printed
beside: deciding the pools alone, without planning.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

FEW, MANY = 50, 200
UUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
CLUSTERS: dict[str, dict[str, Any]] = {
    "aws": {"region": "us-east-1"},
    "gcp": {"region": "us-central1", "gke": {"project": "acme-ml"}},
    "azure": {"region": "eastus", "aks": {"subscription_id": UUID, "tenant_id": UUID, "resource_group": "ml"}},
}
ROOT = Path(__file__).parents[1]


def environment(folder: Path, cloud: str, pools: int) -> Path:
    """A project whose one environment, ``grown``, has this many pools and no model; gives the environment's folder."""
    stacks = folder / "stacks"
    platform = {
        "environment": "grown",
        "tier": "dev",
        "layers": "all",
        "organization": "acme",
        "owner": "ml@example.com",
        "cost_center": "CC-1000",
        "gateway": {"domain": "models.example.com"},
        "clusters": [
            {
                "name": "east",
                "cloud": cloud,
                **CLUSTERS[cloud],
                "gpu_pools": [{"name": f"t4-{number}", "accelerator": "T4", "max_nodes": 4} for number in range(pools)],
            }
        ],
    }
    (stacks / "grown" / "departments").mkdir(parents=True)
    (stacks / "grown" / "platform.yaml").write_text(yaml.safe_dump(platform, sort_keys=False), encoding="utf-8")
    main = (ROOT / "stacks" / "__main__.py").read_text(encoding="utf-8")
    (stacks / "__main__.py").write_text(main, encoding="utf-8")
    (folder / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    config = {"config": {"modelyard:platform": "grown", "modelyard:layer": "all"}}
    (stacks / "Pulumi.grown.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return stacks / "grown"


def measured(cloud: str, pools: int) -> dict[str, float]:
    """CPU seconds of deciding and of planning, and how many resources the plan has; of a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place = environment(Path(folder), cloud, pools)
        found = subprocess.run(
            [sys.executable, __file__, "--one", str(place)], capture_output=True, text=True, check=False
        )
    if found.returncode:
        raise SystemExit(found.stderr)
    return json.loads(found.stdout.splitlines()[-1])


def one(folder: Path) -> None:
    """Measure in this process."""
    from modelyard.environment.load import load
    from modelyard.resolve.environment import resolve
    from modelyard.review.build import plan

    before = time.process_time()
    resolution = resolve(load(folder))
    decided = time.process_time()
    resources = sum(len(stack.graph) for stack in plan(folder, folder.parent).stacks)
    assert len(resolution.clusters[0].gpu_pools) <= resources
    figures = {"resolve": decided - before, "plan": time.process_time() - decided, "resources": resources}
    print(json.dumps(figures))


def main(clouds: list[str]) -> None:
    for cloud in clouds:
        few, many = measured(cloud, FEW), measured(cloud, MANY)
        ratios = {key: many[key] / few[key] for key in ("resolve", "plan")}
        print(
            f"{cloud}: {MANY} pools over {FEW}: resolve {ratios['resolve']:.1f} ({many['resolve']:.2f} s), plan "
            f"{ratios['plan']:.1f} ({many['plan']:.1f} s CPU, {many['resources']:.0f} resources)"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(Path(sys.argv[2]))
    else:
        main(sys.argv[1:] or list(CLUSTERS))
