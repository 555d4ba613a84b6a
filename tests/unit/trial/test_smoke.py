"""The smoke test, where what answers is no Triton server or none at all; real servers are in tests/servers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from google.protobuf import text_format
from modelyard.repository.protobuf import new_config
from modelyard.trial.address import ServerAddress
from modelyard.trial.answers import NoAnswer, ask
from modelyard.trial.dialect import KSERVE, MLSERVER, TORCHSERVE, Dialect
from modelyard.trial.requests import samples
from modelyard.trial.smoke import Smoke, smoke

from .answering_server import Answer, answer, answering, hang_up, in_pieces, stay_silent

CONFIG = text_format.Parse(
    'name: "m" max_batch_size: 2 input [{name: "x" data_type: TYPE_FP32 dims: [1]}] '
    'output [{name: "y" data_type: TYPE_FP32 dims: [1]}]',
    new_config(),
)
METADATA, ROW, ROWS = "metadata is as configured", "1 row is answered", "2 rows are answered"
ALL = (METADATA, ROW, ROWS)
ASKED = {"server is live": "whether it is live", METADATA: "for the metadata of model 'm'"}
INFERENCE = "for an inference of model 'm'"


def foreign(*names: str, server: str = "Triton") -> dict[str, str]:
    said = "asked {}, it did not answer in the inference protocol; is it {}?"
    return {name: said.format(ASKED.get(name, INFERENCE), server) for name in names}


@pytest.mark.parametrize(
    ("how", "failed"),
    [
        (stay_silent, {"server is live": "no answer within 0.5 s"}),
        (hang_up, {"server is live": "the server closed the connection before it answered"}),
        (in_pieces(b"220 mail\r\n\r\n", 100), foreign("server is live")),
        (answer("502 Bad Gateway", b"<html>"), {"server is live": "the server says no"}),
        (answer(body=b"<html>"), foreign(*ALL)),
        (answer(body=b"[]"), foreign(*ALL)),
        (answer(body=b"{}"), foreign(*ALL)),
    ],
)
def test_what_is_no_triton_server(how: Answer, failed: dict[str, str]) -> None:
    with answering(defaultdict(lambda: how)) as server:
        result = smoke(server.address, CONFIG, timeout_s=0.5)
    assert not result.passed
    assert failures(result) == failed


@pytest.mark.parametrize(
    ("dialect", "server", "failed"),
    [(MLSERVER, "MLServer", ALL), (KSERVE, "KServe's Python server", ALL), (TORCHSERVE, "TorchServe", (ROW, ROWS))],
)
def test_what_is_no_server_of_another_runtime(dialect: Dialect, server: str, failed: tuple[str, ...]) -> None:
    with answering(defaultdict(lambda: answer(body=b"<html>"))) as answerer:
        result = smoke(replace(answerer.address, dialect=dialect), CONFIG, timeout_s=0.5)
        with pytest.raises(NoAnswer) as caught:
            ask(replace(answerer.address, dialect=dialect), CONFIG, samples(CONFIG, count=1, rows=1)[0])
    assert failures(result) == foreign(*failed, server=server)
    assert str(caught.value) == foreign(ROW, server=server)[ROW]


def failures(result: Smoke) -> dict[str, str]:
    return {check.name.removeprefix("HTTP: "): check.detail for check in result.checks if not check.passed}


def test_a_model_that_cannot_be_asked() -> None:
    unknown = text_format.Parse('name: "m"', new_config())
    (first, live) = smoke(ServerAddress("http://127.0.0.1:1"), unknown).checks
    assert (first.passed, first.detail) == (
        False, "model 'm' declares no inputs, so no request can be made up; declare them",
    )  # fmt: skip
    assert (live.passed, live.detail) == (False, "Connection refused")


def test_a_header_that_would_end_another() -> None:
    with pytest.raises(ValueError) as caught:
        ServerAddress("http://127.0.0.1:1", headers={"authorization": "Bearer abc\r\nx: y"})
    assert str(caught.value) == (
        "the value of 'authorization' holds a line break, which no header can; look how it was set"
    )


def test_secrets_are_not_shown() -> None:
    address = ServerAddress("http://h", headers={"authorization": "Bearer abc"}, management_key=("key", "abc"))
    assert "abc" not in repr(address)
