"""Which runtime can serve what, said before anything is installed or started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from modelyard.cli.__main__ import main
from modelyard.trial.runtime import runtimes

EXAMPLE = Path(__file__).parents[3] / "examples" / "fraud-ensemble" / "models" / "fraud"
FIL = """\
format: fil
max_batch_size: 8
inputs: [{name: input__0, dtype: FP32, dims: [3]}]
outputs: [{name: output__0, dtype: FP32, dims: [1]}]
parameters: {model_type: %s, is_classifier: false}
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--runtime", "mlserver"),
            "--runtime mlserver: fraud has 4 models, and it serves one; name one that it serves with --stage "
            "(classifier)",
        ),
        (
            ("--runtime", "torchserve", "--stage", "rules"),
            "--runtime torchserve: rules has the format python, and it serves xgboost json, xgboost ubj here; triton "
            "can",
        ),
        (
            ("--runtime", "kserve", "--stage", "clasifier"),
            "--stage clasifier: 'clasifier' is not a model of fraud; did you mean 'classifier'? Allowed: preprocess, "
            "classifier, rules, fraud",
        ),
        *(
            (
                ("--runtime", "kserve", option, *value),
                f"{option}: is about a trial on Triton; --runtime kserve is asked whether it answers, so leave one of "
                "them out",
            )
            for option, value in (
                ("--rate", ["5"]),
                ("--profile", []),
                ("--server", ["localhost:8000"]),
                ("--http-port", ["8000"]),
            )
        ),
    ],
)
def test_refusals(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str) -> None:
    assert main(["try", f"{EXAMPLE}{os.sep}", "--quiet", *arguments]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"modelyard: {said}"


def test_a_format_of_trees_that_it_does_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "trees" / "1").mkdir(parents=True)
    (tmp_path / "trees" / "1" / "model.txt").write_text("tree\n")
    (tmp_path / "trees" / "model.yaml").write_text(FIL % "lightgbm")
    assert main(["try", str(tmp_path / "trees"), "--quiet", "--runtime", "mlserver"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "modelyard: --runtime mlserver: trees has the format fil (lightgbm), and it serves xgboost json, xgboost ubj "
        "here; triton can"
    )


def test_the_command_offers_every_runtime(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["try", "m", "--runtime", "mlsever"]) == 1
    shown = capsys.readouterr().err
    assert all(repr(name) in shown or name in shown for name in runtimes())
