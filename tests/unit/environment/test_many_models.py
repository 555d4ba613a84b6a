"""Ten thousand models, and as many mistakes, are read without a quadratic step."""

from __future__ import annotations

from pathlib import Path

from modelyard.environment.load import load

from .folder import PLATFORM, TOYS, lines, write

COUNT = 10_000
HEAD = TOYS.partition("models:\n")[0] + "models:\n"


def models(task: str) -> str:
    return "".join(
        f"  - {{name: model-{n}, task: {task}, format: onnx, source: ../models/tagging, pool: l4}}\n"
        for n in range(COUNT)
    )


def test_ten_thousand_models(tmp_path: Path) -> None:
    folder = write(tmp_path, PLATFORM, {"toys.yaml": HEAD + models("ranking")})
    assert len(load(folder).models()) == COUNT


def test_ten_thousand_mistakes_are_all_told(tmp_path: Path) -> None:
    told = lines(write(tmp_path, PLATFORM, {"toys.yaml": HEAD + models("rnking")}))
    assert len(told) == COUNT
    assert told[-1].startswith("prod/departments/toys.yaml:10005: models[9999].task: 'rnking' is not an allowed value;")
