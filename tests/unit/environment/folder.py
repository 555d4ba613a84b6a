"""A small valid environment on disk, and the lines that loading a changed one prints."""

from __future__ import annotations

from pathlib import Path

from modelyard.environment.load import load
from modelyard.environment.problem import InvalidEnvironment

PLATFORM = """\
environment: prod
tier: prod
organization: northwind
owner: ml@example.com
cost_center: CC-1000
monthly_budget_usd: 1000
gateway:
  domain: models.example.com
clusters:
  - name: east
    region: us-east-1
    network: {cidr: 10.1.0.0/16}
    api_access: {bastion: true}
    gpu_pools:
      - name: l4
        accelerator: L4
        max_nodes: 4
      - name: l4-spot
        accelerator: L4
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
"""


def write(
    parent: Path, platform: str | bytes | None = PLATFORM, departments: dict[str, str] | None = None, name: str = "prod"
) -> Path:
    """The environment's folder. ``platform`` None leaves platform.yaml out; departments default to toys.yaml."""
    folder = parent / name
    (folder / "departments").mkdir(parents=True, exist_ok=True)
    if platform is not None:
        (folder / "platform.yaml").write_bytes(platform.encode() if isinstance(platform, str) else platform)
    for file, text in ({"toys.yaml": TOYS} if departments is None else departments).items():
        (folder / "departments" / file).write_text(text)
    return folder


def replaced(text: str, *changes: tuple[str, str]) -> str:
    """``text`` with each change made once; a change that does not apply is a mistake of the test."""
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


def lines(folder: Path) -> list[str]:
    """What somebody reads who loads the folder."""
    try:
        load(folder)
    except InvalidEnvironment as invalid:
        return str(invalid).splitlines()
    return []
