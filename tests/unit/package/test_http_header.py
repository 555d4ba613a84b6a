"""No header is sent, and none is shown, whose value cannot be one; nor a login inside an address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from modelyard.cli.__main__ import main
from modelyard.http_address import is_address, without_login
from modelyard.http_header import unsendable
from modelyard.promotion.prometheus import CannotAsk, Prometheus
from modelyard.serving.client import Client, Endpoint, NotAnswered
from modelyard.serving.vertex.credentials import headers
from modelyard.serving.vertex.refusal import NoCredentials
from modelyard.trial.address import ServerAddress

SECRET = "hunter2"
BROKEN = "holds a line break, which no header can; look how it was set"
STRANGE = "holds a character that no header can; look how it was set"
VALUES = [(f"Bearer {SECRET}\r\nx: y", BROKEN), (f"{SECRET}\nx: y", BROKEN), (f"{SECRET}\x1b", STRANGE),
          (f"{SECRET}’", STRANGE)]  # fmt: skip
MODEL = "format: python\ninputs: [{name: x, dtype: FP32, dims: [3]}]\noutputs: [{name: y, dtype: FP32, dims: [1]}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> str:
    model = tmp_path / "m"
    (model / "1").mkdir(parents=True)
    (model / "1" / "model.py").write_text("class TritonPythonModel:\n    def execute(self, requests): ...\n")
    (model / "model.yaml").write_text(MODEL)
    return str(model)


@pytest.mark.parametrize(("value", "why"), VALUES)
@pytest.mark.parametrize("command", [["smoke", "--url"], ["try", "--server"]], ids=["smoke", "try"])
def test_a_header_from_a_variable(
    command: list[str], value: str, why: str, folder: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("GATEWAY_KEY", value)
    name, option = command
    assert main([name, folder, option, "http://127.0.0.1:1", "--header-env", "x-api-key=GATEWAY_KEY"]) == 1
    said = capsys.readouterr()
    sentence = f"--header-env x-api-key=GATEWAY_KEY: the value of 'x-api-key' {why}"
    assert (said.out, said.err) == ("", f"modelyard: {sentence}\n")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("x api=GATEWAY_KEY", "'x api' is no name of a header; write letters, digits and dashes"),
        ("x:=GATEWAY_KEY", "'x:' is no name of a header; write letters, digits and dashes"),
        ("x=EMPTY", "write NAME=VARIABLE, where the environment has that VARIABLE"),
        ("=GATEWAY_KEY", "write NAME=VARIABLE, where the environment has that VARIABLE"),
    ],
)
def test_a_header_of_another_form(
    given: str, why: str, folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", SECRET)
    monkeypatch.setenv("EMPTY", " \n")
    assert main(["smoke", folder, "--url", "http://127.0.0.1:1", "--header-env", given]) == 1
    assert capsys.readouterr().err == f"modelyard: --header-env {given}: {why}\n"


def test_space_around_a_variable_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``KEY="$(cat file)\n"`` leaves it."""
    from modelyard.cli.header_variables import headers_of

    monkeypatch.setenv("GATEWAY_KEY", f" {SECRET}\n")
    assert headers_of(["x-api-key=GATEWAY_KEY"]) == {"x-api-key": SECRET}


def vertex(value: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", value)
        headers()


PLACES: dict[str, tuple[Callable[[str], object], str]] = {
    "header of a client": (
        lambda value: Client(Endpoint.at("https://h", "m"), headers={"key": value}), "the value of 'key' {why}",
    ),
    "token of a client": (
        lambda value: Client(Endpoint.at("https://h", "m"), token=value), "the value of 'token' {why}",
    ),
    "header of a trial": (lambda value: ServerAddress("http://h", headers={"key": value}), "the value of 'key' {why}"),
    "token of Prometheus": (
        lambda value: Prometheus("https://h", token=value),
        "https://h: the token holds a character that no token has; look how it was set",
    ),
    "token of Vertex AI": (
        vertex,
        "Vertex AI: GOOGLE_OAUTH_ACCESS_TOKEN holds a character that no token has; look how it was set; run "
        "`gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to the file of a service "
        "account, or GOOGLE_OAUTH_ACCESS_TOKEN",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("value", "why"), VALUES)
@pytest.mark.parametrize("place", PLACES)
def test_a_header_by_code(place: str, value: str, why: str) -> None:
    make, sentence = PLACES[place]
    with pytest.raises((NotAnswered, CannotAsk, NoCredentials, ValueError)) as raised:
        make(value)
    assert str(raised.value) == sentence.format(why=why)


@pytest.mark.parametrize("value", ["", "Bearer abc", "a\tb", "ä"])
def test_what_a_header_holds(value: str) -> None:
    assert (unsendable("x", value) is None) == (value.isascii() and value.isprintable())


@pytest.mark.parametrize(
    ("address", "usable", "hidden"),
    [
        ("http://h", True, None),
        ("https://h:8443/a@b", True, None),
        ("https://[::1]:1", True, None),
        ("http://h\r\nx: y", False, None),
        ("http://h/a b", False, None),
        ("http://h:0", False, None),
        ("http://h:x", False, None),
        ("ftp://h", False, None),
        (f"https://me:{SECRET}@h:1/p", True, "https://[hidden]@h:1"),
        (f"https://me:{SECRET}@h?a=b", True, "https://[hidden]@h"),
        (f"me:{SECRET}@h", False, None),
    ],
)
def test_an_address(address: str, usable: bool, hidden: str | None) -> None:
    assert (is_address(address), without_login(address)) == (usable, hidden)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["smoke", "--url"],
         "endpoint https://[hidden]@h:1 holds a name or a password; delete it, and send a header in its place"),
        (["try", "--server"],
         "--server https://[hidden]@h:1: holds a name or a password; delete it, and send a header with --header-env"),
    ],
)  # fmt: skip
def test_a_login_is_hidden(command: list[str], sentence: str, folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, option = command
    assert main([name, folder, option, f"https://me:{SECRET}@h:1"]) == 1
    assert capsys.readouterr().err == f"modelyard: {sentence}\n"
