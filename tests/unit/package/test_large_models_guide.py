"""The guide of large models declares what works, and its figures are those of the tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import yaml
from modelyard.environment.cluster import Cluster
from modelyard.environment.gpu_pool import GpuPool
from modelyard.environment.model import Model
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.gpu_pool import resolve_gpu_pool
from modelyard.resolve.model_disk import Disk, Written, unheld_model
from modelyard.resolve.weights import unfit_weights
from modelyard.sizing.cold_start import cold_start, streamed_instead

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "large-models.md").read_text(encoding="utf-8")
PLATFORM, SHOP, PRELOADED = (yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL))
GIB = 1024**3


def test_what_it_declares_works() -> None:
    (declared,), (model,) = PLATFORM["clusters"], SHOP["models"]
    cluster, findings = decide_cluster(Cluster.model_validate(declared), environment="prod")
    assert findings == []
    assert list(unfit_weights(Model.model_validate(model), cluster.declared)) == []
    (pool,) = PRELOADED["gpu_pools"]
    assert resolve_gpu_pool(GpuPool.model_validate(pool), cluster="east", region="us-east-1").image.startswith("BOTTLE")


def test_its_figures_are_those_of_a_plan() -> None:
    copied = cold_start(node_there=True, image_unpacked_gb=None, model_bytes=20 * GIB)
    found = streamed_instead(copied)
    assert found is not None
    assert found[0].brief() == "weights 3 to 20 min"
    assert "it takes 3 to 20\nminutes to copy" in GUIDE
    streamed = cold_start(node_there=True, image_unpacked_gb=None, model_bytes=20 * GIB, weights="stream")
    assert [part.brief() for part in streamed.parts if part.name == "load"] == ["load 22 s to 3 min"]
    assert "22 seconds to 3 minutes to load" in GUIDE


def test_its_table_of_sizes_is_what_a_plan_says() -> None:
    lines = re.findall(r"^\| (\d+) GiB \| (.*) \|$", GUIDE, re.MULTILINE)
    assert [int(size) for size, _ in lines] == [40, 140, 400]
    for size, told in lines:
        written = Written("llm", "east", int(size), int(size) * 1.1, 16e9 / GIB, 1, could_stream=True)
        (refused,) = unheld_model(written, [Disk("pool 'l4'", 20, "")])
        wanted = re.findall(r"raise disk_gib to (\d+)", refused.message)
        copied, streamed = (_parts(int(size), by) for by in ("copy", "stream"))
        figures = [f"{round(written.gib)} GiB", *wanted, copied["weights"], copied["load"], streamed["load"]]
        assert told == " | ".join(figures)


def _parts(size_gib: int, by: Literal["copy", "stream"]) -> dict[str, str]:
    """How long each takes, in words."""
    start = cold_start(node_there=True, image_there=True, image_unpacked_gb=16, model_bytes=size_gib * GIB, weights=by)
    return {part.name: part.brief().removeprefix(f"{part.name} ") for part in start.parts}
