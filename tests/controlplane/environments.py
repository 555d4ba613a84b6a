"""The environments of this repository, planned and rendered as ``modelyard render`` does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from modelyard.graph import ResourceGraph
from modelyard.placement import Pool, pools
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument
from modelyard.review.render.files import files

from .api import Object

ROOT = Path(__file__).resolve().parents[2]

_PLACEHOLDER = re.compile(r"\$\{(?:secret-store|[a-z0-9-]+:[^}]*)\}")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Environment:
    """A folder with a platform.yaml, and the stacks that it becomes."""

    folder: Path
    name: str
    """``prod`` of stacks/, ``fraud-ensemble-prod`` of an example."""

    @cached_property
    def document(self) -> PlanDocument:
        return plan(self.folder, self.folder.parent)

    @cached_property
    def rendered(self) -> dict[str, Object]:
        """Path in the rendered folder to the Kubernetes object there, with something in every placeholder."""
        found: dict[str, Object] = {}
        for path, content in files(self.document).items():
            if path.endswith(".yaml") and isinstance(content, str):
                thing = yaml.load(_PLACEHOLDER.sub("filled-in", content), Loader=_LOADER)
                if isinstance(thing, dict) and "kind" in thing:
                    found[path] = thing
        return found

    def objects(self, cluster: str, *kinds: str) -> list[Object]:
        """Of one cluster; of these kinds, where any are named."""
        return [
            thing
            for path, thing in self.rendered.items()
            if path.startswith(f"{cluster}/") and (not kinds or thing["kind"] in kinds)
        ]

    def pools(self, cluster: str) -> list[Pool]:
        return [pool for graph in self._graphs() for pool in pools(graph) if pool.cluster == cluster]

    def _graphs(self) -> list[ResourceGraph]:
        return [stack.graph for stack in self.document.stacks]


def environments() -> list[Environment]:
    """All of stacks/ and examples/ that have a cluster."""
    found = [*ROOT.glob("stacks/*/platform.yaml"), *ROOT.glob("examples/*/**/platform.yaml")]
    clustered = [path for path in sorted(found) if "clusters" in yaml.load(path.read_text(), Loader=_LOADER)]
    return [Environment(path.parent, _name(path.parent)) for path in clustered]


def _name(folder: Path) -> str:
    return "-".join(part for part in folder.relative_to(ROOT).parts if part not in ("stacks", "examples"))
