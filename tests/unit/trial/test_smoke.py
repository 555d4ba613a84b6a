"""The smoke test, where what answers is no Triton server or none at all; real servers are in tests/servers."""

from __future__ import annotations

from collections import defaultdict

import pytest
from google.protobuf import text_format
from modelyard.repository.protobuf import new_config
from modelyard.trial.address import ServerAddress
from modelyard.trial.smoke import smoke

from .answering_server import Answer, answer, answering, hang_up, in_pieces, stay_silent

CONFIG = text_format.Parse(
    'name: "m" max_batch_size: 2 input [{name: "x" data_type: TYPE_FP32 dims: [1]}] '
    'output [{name: "y" data_type: TYPE_FP32 dims: [1]}]',
    new_config(),
)
FOREIGN = "the answer is not of the inference protocol; is it a Triton server?"
ALL = ["metadata is as configured", "1 row is answered", "2 rows are answered"]


@pytest.mark.parametrize(
    ("how", "failed", "detail"),
    [
        (stay_silent, ["server is live"], "no answer within 0.5 s"),
        (hang_up, ["server is live"], "the server closed the connection before it answered"),
        (in_pieces(b"220 mail\r\n\r\n", 100), ["server is live"], FOREIGN),
        (answer("502 Bad Gateway", b"<html>"), ["server is live"], "the server says no"),
        (answer(body=b"<html>"), ALL, FOREIGN),
        (answer(body=b"[]"), ALL, FOREIGN),
        (answer(body=b"{}"), ALL, FOREIGN),
    ],
)
def test_what_is_no_triton_server(how: Answer, failed: list[str], detail: str) -> None:
    with answering(defaultdict(lambda: how)) as server:
        result = smoke(server.address, CONFIG, timeout_s=0.5)
    assert not result.passed
    assert {check.name: check.detail for check in result.checks if not check.passed} == {
        f"HTTP: {name}": detail for name in failed
    }


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
    assert str(caught.value) == "the header 'authorization' holds a line break and cannot be sent"


def test_secrets_are_not_shown() -> None:
    address = ServerAddress("http://h", headers={"authorization": "Bearer abc"}, management_key=("key", "abc"))
    assert "abc" not in repr(address)
