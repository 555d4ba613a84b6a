"""What cannot work is told before anything is declared: the exact lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .world import FILES, PLATFORM, TOYS, lines, write

HERE = Path(__file__).parent
MISTAKES = yaml.safe_load((HERE / "mistakes.yaml").read_text(encoding="utf-8"))
FOLDERS = yaml.safe_load((HERE / "folders.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["mistake"]) for case in MISTAKES])
def test_mistake_is_told_exactly(tmp_path: Path, case: dict[str, Any]) -> None:
    platform = replaced(PLATFORM, case.get("platform", []))
    toys = replaced(TOYS, case.get("department", []))
    assert lines(write(tmp_path, platform, toys)) == case["told"]


def test_small_repository_has_no_mistake(tmp_path: Path) -> None:
    assert lines(write(tmp_path)) == []


@pytest.mark.parametrize("case", [pytest.param(case, id=case["mistake"]) for case in FOLDERS])
def test_folder_that_triton_would_refuse(tmp_path: Path, case: dict[str, Any]) -> None:
    toys = replaced(TOYS, [["format: onnx", f"format: {case['format']}"]])
    assert lines(write(tmp_path, toys=toys, models={"tagging": case["files"]})) == [case["told"]]


@pytest.mark.parametrize("target", ["../../../secret.txt", "/etc/hostname"])
def test_link_that_leaves_the_folder(tmp_path: Path, target: str) -> None:
    folder = write(tmp_path)
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "stacks" / "models" / "tagging" / "1" / "extra.bin").symlink_to(target)
    (told,) = lines(folder)
    assert told.endswith("'1/extra.bin' is a link that leaves the folder; put the file itself there (model 'tagging')")


def test_link_to_a_folder(tmp_path: Path) -> None:
    folder = write(tmp_path, models={"tagging": FILES, "other": {"model.onnx": "w"}})
    (tmp_path / "stacks" / "models" / "tagging" / "2").symlink_to("../other")
    (told,) = lines(folder)
    assert told.endswith("'2' is a link to a folder; put the files themselves there (model 'tagging')")


def test_source_linked_out_of_the_repository(tmp_path: Path) -> None:
    inside, outside = tmp_path / "repository", tmp_path / "outside"
    folder = write(inside, models={})
    outside.mkdir()
    (inside / "stacks" / "models").mkdir()
    (inside / "stacks" / "models" / "tagging").symlink_to(outside)
    (told,) = lines(folder)
    assert "'../models/tagging' leads out of the repository" in told


def test_bucket_name_too_long(tmp_path: Path) -> None:
    environment, organization, region = "e" * 20, "o" * 24, "ap-southeast-1"
    platform = replaced(
        PLATFORM,
        [
            ("environment: prod", f"environment: {environment}"),
            ("organization: northwind", f"organization: {organization}"),
        ],
    ).replace("us-east-1", region)
    folder = write(tmp_path, platform)
    told = lines(folder.rename(folder.with_name(environment)))
    assert told[0] == (
        f"{environment}/platform.yaml:3: organization: makes the bucket name "
        f"'{organization}-{environment}-models-{region}' of 67 characters; Amazon S3 allows 63, so shorten it"
    )


def test_mistakes_of_several_models_are_told_together(tmp_path: Path) -> None:
    toys = TOYS + (
        "  - {name: ranking, task: ranking, format: onnx, source: ../models/ranking, resources: {cpu: 99}}\n"
        "  - {name: pricing, task: ranking, format: onnx, source: ../models/pricing, image: 'x:latest'}\n"
    )
    told = lines(write(tmp_path, toys=toys, models={"tagging": FILES, "pricing": {"1/model.onnx": "w"}}))
    assert [line.split(": ")[1] for line in told] == ["models[1].source", "models[1].resources.cpu", "models[2].image"]


def replaced(text: str, changes: list[list[str]] | list[tuple[str, str]]) -> str:
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text
