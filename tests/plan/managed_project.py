"""A small project whose models managed services serve, and its plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from modelyard.graph import Resource
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument

PROGRAM = """\
from pathlib import Path

from modelyard.platform import deploy

deploy(Path(__file__).parent)
"""
CONFIG = """\
backend: "onnxruntime"
max_batch_size: 8
input [{ name: "x", data_type: TYPE_FP32, dims: [ 4 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 2 ] }]
dynamic_batching { }
"""
MANAGED: dict[str, Any] = {
    "aws": {"regions": ["us-east-1", "eu-west-1"]},
    "gcp": {"project": "northwind-prod", "regions": ["europe-west4"]},
    "azure": {
        "subscription_id": "0a1b2c3d-4e5f-6789-abcd-ef0123456789",
        "tenant_id": "1a1b2c3d-4e5f-6789-abcd-ef0123456789",
        "resource_group": "models",
        "regions": ["westeurope"],
    },
}
PLATFORM: dict[str, Any] = {
    "environment": "prod",
    "tier": "prod",
    "organization": "northwind",
    "owner": "ml@example.com",
    "cost_center": "CC-1000",
    "monthly_budget_usd": 1000,
    "managed": MANAGED,
    "policies": {"levels": {"budget": "advisory"}},
}
SENTIMENT: dict[str, Any] = {
    "name": "sentiment",
    "task": "text_classification",
    "format": "onnx",
    "source": "../models/sentiment",
    "scaling": {"min_replicas": 1, "max_replicas": 3, "target_requests_per_second": 20},
}


def write(
    root: Path, *models: dict[str, Any], platform: dict[str, Any] | None = None, layers: str = "per_department"
) -> Path:
    """Write the project, with versions 1 and 2 of the model ``sentiment``; gives the environment's folder."""
    folder = root / "stacks" / "prod"
    (folder / "departments").mkdir(parents=True, exist_ok=True)
    (root / "Pulumi.yaml").write_text("name: pocket\nruntime: python\nmain: stacks\nstackConfigDir: stacks\n")
    (root / "stacks" / "__main__.py").write_text(PROGRAM)
    names = {"prod": "all"} if layers == "all" else {"prod-foundation": "foundation", "prod-toys": "toys"}
    for stack, layer in names.items():
        config = {"config": {"modelyard:platform": "prod", "modelyard:layer": layer}}
        (root / "stacks" / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(config))
    (folder / "platform.yaml").write_text(yaml.safe_dump({**PLATFORM, "layers": layers, **(platform or {})}))
    toys = {
        "department": "toys", "cost_center": "CC-2000", "owner": "toys@example.com", "monthly_budget_usd": 500,
        "models": list(models),
    }  # fmt: skip
    (folder / "departments" / "toys.yaml").write_text(yaml.safe_dump(toys))
    source = root / "stacks" / "models" / "sentiment"
    for version in ("1", "2"):
        (source / version).mkdir(parents=True, exist_ok=True)
        (source / version / "model.onnx").write_text(f"weights of version {version}")
    (source / "config.pbtxt").write_text(CONFIG)
    return folder


def planned(
    root: Path, *models: dict[str, Any], platform: dict[str, Any] | None = None, layers: str = "per_department"
) -> PlanDocument:
    """The plan of the written project."""
    folder = write(root, *models, platform=platform, layers=layers)
    return plan(folder, folder.parent)


def of_type(document: PlanDocument, kind: str) -> list[Resource]:
    """Resources of a type, in the order of the stacks."""
    return [each for stack in document.stacks for each in stack.graph if each.type == kind]
