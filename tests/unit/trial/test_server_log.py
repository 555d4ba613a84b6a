"""Why a server does not serve, from lines that Triton 2.51 wrote."""

from __future__ import annotations

import pytest
from modelyard.trial.server_log import port_in_use, reason, stuck, tail

LOADING = 'I1122 08:22:20.890396 21617 model_lifecycle.cc:472] "loading: doubler:1"'
CUDA = 'E1122 08:21:24.038166 21034 server.cc:241] "CudaDriverHelper has not been initialized."'
LAST = "error: creating server: Internal - failed to load all models"


def failed(why: str) -> str:
    line = f"E1122 08:22:24.223993 21617 model_lifecycle.cc:642] \"failed to load 'doubler' version 1: {why}\""
    return "\n".join((CUDA, LOADING, line, LAST))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            failed(r"Internal: ValueError: no weights\n\nAt:\n  /home/x-1/models/doubler/1/model.py(6): initialize\n"),
            "model 'doubler' version 1 cannot be loaded: ValueError: no weights (doubler/1/model.py:6)",
            id="an exception, with its place in the model's own folder",
        ),
        pytest.param(
            failed(
                r"Internal: ModuleNotFoundError: No module named 'pandas'\n\nAt:\n"
                r"  /home/x-1/models/doubler/1/model.py(1): <module>\n"
                r"  <frozen importlib._bootstrap>(241): _call_with_frames_removed\n"
            ),
            "model 'doubler' version 1 cannot be loaded: ModuleNotFoundError: No module named 'pandas' "
            "(doubler/1/model.py:1); list the package that holds it in requirements.txt beside model.yaml",
            id="a package",
        ),
        pytest.param(
            failed("Internal: Stub process 'doubler_0_0' is not healthy."),
            "model 'doubler' version 1 cannot be loaded: Stub process 'doubler_0_0' is not healthy; its process ended "
            "while the model was loaded",
            id="a process that ended",
        ),
        pytest.param(
            failed("Invalid argument: instance group a_0 of model a has kind KIND_GPU but no GPUs are available"),
            "model 'doubler' version 1 cannot be loaded: instance group a_0 of model a has kind KIND_GPU but no GPUs "
            "are available",
            id="a configuration",
        ),
        pytest.param(
            "\n".join((
                "[libprotobuf ERROR /a/text_format.cc:337] Error parsing text-format inference.ModelConfig: 8:4: "
                'Message type "inference.ModelConfig" has no field named "foo".',
                CUDA,
                "E1122 08:22:44.397102 21870 model_repository_manager.cc:1460] "
                "\"Poll failed for model directory 'doubler': "
                'failed to read text proto from /home/x-1/models/doubler/config.pbtxt"',
                LAST,
            )),
            "model 'doubler': config.pbtxt:8: Message type \"inference.ModelConfig\" has no field named \"foo\".",
            id="a field that there is not",
        ),
        pytest.param(
            "\n".join((
                CUDA,
                "E1122 08:21:36.638180 21310 model_repository_manager.cc:724] "
                "\"failed to load model 'doubler': at least one version must be available "
                "under the version policy of model 'doubler'\"",
                LAST,
            )),
            "failed to load model 'doubler': at least one version must be available under the version policy of model "
            "'doubler'",
            id="no version",
        ),
        pytest.param(f"{CUDA}\n{LAST}", "failed to load all models", id="nothing but the last line"),
        pytest.param(
            "tritonserver: error while loading shared libraries: libb64.so.0d: cannot open shared object file",
            "error while loading shared libraries: libb64.so.0d: cannot open shared object file",
            id="a library",
        ),
        pytest.param(CUDA, None, id="noise alone"),
    ],
)  # fmt: skip
def test_reason(text: str, said: str | None) -> None:
    assert reason(text) == said


def test_stuck_models_are_those_that_neither_loaded_nor_failed() -> None:
    other = LOADING.replace("doubler", "other")
    loaded = "I1122 08:22:21.0 1 model_lifecycle.cc:839] \"successfully loaded 'other'\""
    assert stuck("\n".join((LOADING, other, loaded))) == "model 'doubler' is still loading; does its initialize return?"
    assert stuck("\n".join((LOADING, other))) == (
        "model 'doubler' and model 'other' are still loading; does their initialize return?"
    )
    assert stuck("\n".join((other, loaded))) is None
    assert stuck(failed("Internal: x")) is None


def test_port_in_use() -> None:
    assert port_in_use("Unavailable - Socket '127.0.0.1:8000' already in use ") == 8000
    assert port_in_use(LAST) is None


def test_the_tail_leaves_tables_and_noise_out() -> None:
    table = "+--------+------+\n| Option | Value |\n| server_id | triton |\n"
    assert tail(f"{CUDA}\n{table}\n{LOADING}\n{'x' * 400}\n") == [LOADING, f"{'x' * 297}..."]
