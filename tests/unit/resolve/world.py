"""A small repository with an environment and models, and the lines that resolving it prints."""

from __future__ import annotations

from pathlib import Path

from modelyard.environment.load import load
from modelyard.environment.problem import InvalidEnvironment
from modelyard.resolve.environment import resolve
from modelyard.resolve.resolved import Resolution, ResolvedModel

PLATFORM = """\
environment: prod
tier: prod
organization: northwind
owner: ml@example.com
cost_center: CC-1000
monthly_budget_usd: 1000
image_registry: {repositories: [toys/tagging]}
gateway:
  domain: models.example.com
clusters:
  - name: east
    region: us-east-1
    api_access: {bastion: true}
    gpu_pools:
      - name: l4
        accelerator: L4
        instance_types: [g6.2xlarge]
        max_nodes: 4
      - name: l4-spot
        accelerator: L4
        instance_types: [g6.2xlarge, g6.4xlarge]
        capacity: spot
        max_nodes: 2
"""

TOYS = """\
department: toys
cost_center: CC-2000
owner: toys@example.com
monthly_budget_usd: 500
models:
  - name: tagging
    task: image_classification
    format: onnx
    source: ../models/tagging
    pool: l4
    overflow_pool: l4-spot
"""

CONFIG = """\
name: "tagging"
backend: "onnxruntime"
max_batch_size: 8
input [{ name: "x", data_type: TYPE_FP32, dims: [ 4 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 2 ] }]
dynamic_batching { }
"""
FILES = {"config.pbtxt": CONFIG, "1/model.onnx": "weights"}


def write(
    root: Path, platform: str = PLATFORM, toys: str = TOYS, models: dict[str, dict[str, str]] | None = None
) -> Path:
    """Write the repository; gives the environment's folder. ``models``: files of each model's folder."""
    folder = root / "stacks" / "prod"
    (folder / "departments").mkdir(parents=True, exist_ok=True)
    (root / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
    (folder / "platform.yaml").write_text(platform)
    (folder / "departments" / "toys.yaml").write_text(toys)
    for model, files in ({"tagging": FILES} if models is None else models).items():
        for name, text in files.items():
            path = root / "stacks" / "models" / model / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder


def resolved(folder: Path) -> Resolution:
    return resolve(load(folder))


def only_model(folder: Path) -> ResolvedModel:
    (model,) = resolved(folder).models
    return model


def lines(folder: Path) -> list[str]:
    """What somebody reads who plans the folder."""
    try:
        resolved(folder)
    except InvalidEnvironment as invalid:
        return str(invalid).splitlines()
    return []
