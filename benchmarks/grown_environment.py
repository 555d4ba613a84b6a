"""An environment of any number of models, for measuring how cost grows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

DEPARTMENT = "merchandising"
_NODES_OF_A_POOL = 1000
_POOLS_OF_A_CLUSTER = 12


def grow(stacks: Path, target: Path, models: int) -> Path:
    """A copy of the project's stacks with one environment, ``grown``: one cluster, one stack, this many models."""
    project = target / "project"
    if project.exists():
        return project / "stacks"
    folder = project / "stacks"
    shutil.copytree(stacks / "models", folder / "models", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    _nameless(folder / "models" / "product-tagging" / "config.pbtxt")
    shutil.copy(stacks / "__main__.py", folder / "__main__.py")
    shutil.copy(stacks.parent / "Pulumi.yaml", project / "Pulumi.yaml")
    platform = yaml.safe_load((stacks / "staging" / "platform.yaml").read_text(encoding="utf-8"))
    pools = min(_POOLS_OF_A_CLUSTER, -(-models // _NODES_OF_A_POOL) or 1)
    platform.update(environment="grown", layers="all", tier="dev", monthly_budget_usd=1_000_000_000)
    platform["clusters"][0]["gpu_pools"] = [_pool(number) for number in range(pools)]
    _write(folder / "grown" / "platform.yaml", platform)
    _write(
        folder / "grown" / "departments" / f"{DEPARTMENT}.yaml",
        {
            "department": DEPARTMENT,
            "cost_center": "CC-4100",
            "owner": "merchandising-ml@northwind.example",
            "monthly_budget_usd": 1_000_000_000,
            "models": [_model(number, pools) for number in range(models)],
        },
    )
    _write(folder / "Pulumi.grown.yaml", {"config": {"modelyard:platform": "grown", "modelyard:layer": "all"}})
    return folder


def _nameless(config: Path) -> None:
    """Every model of the environment is served from this one folder."""
    lines = config.read_text(encoding="utf-8").splitlines(keepends=True)
    config.write_text("".join(line for line in lines if not line.startswith("name:")), encoding="utf-8")


def _pool(number: int) -> dict[str, Any]:
    return {
        "name": f"t4-{number}",
        "accelerator": "T4",
        "instance_types": ["g4dn.xlarge"],
        "min_nodes": 0,
        "max_nodes": _NODES_OF_A_POOL,
    }


def _model(number: int, pools: int) -> dict[str, Any]:
    return {
        "name": f"product-tagging-{number}",
        "task": "image_classification",
        "format": "onnx",
        "source": "../models/product-tagging",
        "pool": f"t4-{number % pools}",
        "resources": {"gpus": 1, "cpu": 2, "memory_gib": 8},
    }


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
