"""A project in which the department ``shop`` serves the model of these stacks that tags products."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .managed_project import PROGRAM

MODEL = Path(__file__).resolve().parents[2] / "stacks" / "models" / "product-tagging"


def write_tagging(root: Path, platform: Mapping[str, Any], shop: Mapping[str, Any], **config: str) -> Path:
    """Write the environment ``prod`` of both declarations, and these keys in the configuration of each of its stacks;
    gives the folder of the stacks."""
    stacks = root / "stacks"
    (stacks / "prod" / "departments").mkdir(parents=True)
    (root / "Pulumi.yaml").write_text("name: tagging\nruntime: python\nmain: stacks\nstackConfigDir: stacks\n")
    (stacks / "__main__.py").write_text(PROGRAM)
    for layer in ("foundation", "shop"):
        given = {f"modelyard:{key}": value for key, value in config.items()}
        keys = {"modelyard:platform": "prod", "modelyard:layer": layer, **given}
        (stacks / f"Pulumi.prod-{layer}.yaml").write_text(yaml.safe_dump({"config": keys}))
    (stacks / "prod" / "platform.yaml").write_text(yaml.safe_dump(dict(platform)))
    (stacks / "prod" / "departments" / "shop.yaml").write_text(yaml.safe_dump(dict(shop)))
    shutil.copytree(MODEL, stacks / "models" / "product-tagging")
    return stacks
