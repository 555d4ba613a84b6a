"""What an earlier version of Modelyard planned and deployed, kept beside the declarations that it did it from.

A recording is a folder named after the version: ``project`` with its declarations, which nobody changes afterwards,
``plan.json.xz`` as ``modelyard plan --json`` wrote it, and ``<stack>.state.json.xz`` as the engine exported it from
simulated clouds.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.review.earlier_plan import EarlierPlan, read_earlier_plan

FOLDER = Path(__file__).parent
_STATE = ".state.json.xz"
_OF_THE_MACHINE = ("sourcePosition", "stackTrace")
"""Keys of a resource that say where a program lay."""


@dataclass(frozen=True)
class Recording:
    """Of one version."""

    folder: Path

    @property
    def version(self) -> str:
        return self.folder.name

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def environment(self) -> Path:
        """The folder of the one environment."""
        (platform,) = (self.project / "stacks").glob("*/platform.yaml")
        return platform.parent

    @property
    def stacks(self) -> list[str]:
        """The foundation first: the others read its outputs."""
        found = [each.name.removesuffix(_STATE) for each in self.folder.glob(f"*{_STATE}")]
        return sorted(found, key=lambda stack: (not stack.endswith("-foundation"), stack))

    def plan(self, scratch: Path) -> EarlierPlan:
        file = scratch / f"plan-of-{self.version}.json"
        file.write_bytes(lzma.decompress((self.folder / "plan.json.xz").read_bytes()))
        return read_earlier_plan(file)

    def state(self, stack: str) -> dict[str, Any]:
        """As ``pulumi stack export`` gave it, without where plugins and programs lay."""
        return json.loads(lzma.decompress((self.folder / f"{stack}{_STATE}").read_bytes()))

    def keep_plan(self, text: str) -> None:
        (self.folder / "plan.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))

    def keep_state(self, stack: str, exported: Mapping[str, Any]) -> None:
        deployment = {
            **exported["deployment"],
            "manifest": {**exported["deployment"]["manifest"], "plugins": []},
            "resources": [
                {key: value for key, value in each.items() if key not in _OF_THE_MACHINE}
                for each in exported["deployment"]["resources"]
            ],
        }
        text = json.dumps({**exported, "deployment": deployment}, sort_keys=True)
        (self.folder / f"{stack}{_STATE}").write_bytes(lzma.compress(text.encode(), preset=9))


def recordings() -> list[Recording]:
    """Oldest first."""
    found = [Recording(each.parent) for each in FOLDER.glob("*/plan.json.xz")]
    return sorted(found, key=lambda each: [int(part) for part in each.version.split(".")])
