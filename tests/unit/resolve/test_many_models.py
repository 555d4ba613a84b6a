"""Ten thousand models on two clusters are decided without a quadratic step."""

from __future__ import annotations

from pathlib import Path

from .world import PLATFORM, TOYS, resolved, write

COUNT = 10_000
WEST = """\
  - name: west
    region: us-west-2
    network: {cidr: 10.9.0.0/16}
    api_access: {bastion: true}
    gpu_pools:
      - {name: l4, accelerator: L4, instance_types: [g6.2xlarge], max_nodes: 1000}
"""


def model(number: int) -> str:
    cluster, cpu = ("east", 2) if number % 10 else ("west", 1)
    return (
        "  - "
        f"{{name: m{number}, task: ranking, format: onnx, source: ../models/shared, clusters: [{cluster}], pool: l4, "
        f"resources: {{cpu: {cpu}, memory_gib: {1 + number % 7}}}}}\n"
    )


def test_ten_thousand_models(tmp_path: Path) -> None:
    east = "gpus_per_node: 8\n        max_nodes: 2000"
    platform = PLATFORM.replace("instance_types: [g6.2xlarge]\n        max_nodes: 4", east)
    models = "".join(map(model, range(COUNT)))
    platform += WEST
    toys = TOYS.partition("models:\n")[0] + "models:\n" + models
    resolution = resolved(write(tmp_path, platform, toys, {"shared": {"1/model.onnx": "w"}}))
    assert len(resolution.models) == COUNT
    assert len({model.stable.digest for model in resolution.models}) == COUNT, "a repository names its model"
    assert [
        notice
        for notice in resolution.notices
        if "10000 models (m0, m1, m2, m3, m4 and 9995 more) have no objective" in notice
    ]
