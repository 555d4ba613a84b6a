"""What the init container is given; what it does with it is shown against real stores in ``tests/servers``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from modelyard.environment.scaling import Scaling
from modelyard.governance.ownership import Ownership
from modelyard.serving.triton.server import server
from modelyard.serving.workload.model_download import files_config_map, listing, repository_size_limit
from modelyard.serving.workload.object_store import ObjectStore
from modelyard.serving.workload.placement import Gateway, Placement, ServerShare
from modelyard.serving.workload.stored_model import StoredFile, StoredModel
from modelyard.serving.workload.workload import Workload

FILES = (
    StoredFile("fraud/config.pbtxt", "ab/fraud/config.pbtxt", "a" * 64, 10),
    StoredFile("classify/1/it's a model.json", "cd/classify/1/it's a model.json", "c" * 64, 20),
)


def model(**stored: Any) -> Workload:
    return Workload(
        name="fraud",
        model="fraud",
        ownership=Ownership("risk", "CC-1", "prod", "risk@example.org"),
        server=server("fraud", image="triton@sha256:0", versions=(1,)),
        versions=(1,),
        stored=replace(StoredModel(ObjectStore("s3", "bucket", "us-east-1"), "risk/fraud", "d" * 64, FILES), **stored),
        placement=Placement("east", "l4"),
        share=ServerShare(1, 2, 8, 256),
        scaling=Scaling(),
        max_surge=0,
        max_unavailable=1,
        hostname=None,
        gateway=Gateway("modelyard", "gateway-system"),
        request_timeout_seconds=60,
    )


def test_the_list_holds_checksum_size_object_and_path() -> None:
    assert listing(model().stored) == (
        f"{'c' * 64}\t20\tcd/classify/1/it's a model.json\tclassify/1/it's a model.json\n"
        f"{'a' * 64}\t10\tab/fraud/config.pbtxt\tfraud/config.pbtxt\n"
    )


def test_the_lists_name_follows_its_content() -> None:
    first, again, other = (files_config_map(model(files=files)) for files in (FILES, tuple(reversed(FILES)), FILES[:1]))
    assert first is not None and other is not None
    assert first == again
    assert first["metadata"]["name"] != other["metadata"]["name"]


def test_files_of_somebody_else_without_checksums_have_no_list() -> None:
    assert files_config_map(model(files=())) is None
    assert files_config_map(model(files=(), sha256={"1/model.py": "a" * 64})) is not None


@pytest.mark.parametrize(
    ("size_bytes", "limit"), [(0, "64Mi"), (1024**2, "65Mi"), (10 * 1024**3, "11264Mi"), (None, None)]
)
def test_the_volume_holds_the_model_and_a_tenth_more(size_bytes: int | None, limit: str | None) -> None:
    assert repository_size_limit(model(size_bytes=size_bytes)) == limit
