"""Keys and tokens go to an address that is encrypted, or on this machine; what is no address is one sentence."""

from __future__ import annotations

import pytest
from modelyard.cli.__main__ import main
from modelyard.cli.cloud_api import unknown_regions, unsafe_endpoint

ASKED = ["--cloud", "aws", "--region", "us-east-1", "--out", "."]


@pytest.mark.parametrize(
    "address",
    [None, "https://prices.example", "https://prices.example:8443/v1", "http://localhost:8080", "http://[::1]:8080"],
)
def test_an_encrypted_address_or_a_local_one_is_asked(address: str | None) -> None:
    assert unsafe_endpoint(address) == []


@pytest.mark.parametrize(
    "address",
    [
        "http://prices.example",
        "http://localhost@prices.example",
        "https://prices.example?key=1",
        "https://",
        "https://[::1",
        "https://prices.example:port",
        "prices.example",
        "",
    ],
)
@pytest.mark.parametrize("command", ["account", "refresh"])
def test_another_is_refused_in_one_sentence(command: str, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", command, *ASKED, "--endpoint", address]) == 1
    shown = address.removesuffix("?key=1").replace("localhost@", "[hidden]@")
    expected = f"modelyard: --endpoint {shown}: name an https:// address without a query\n"
    assert capsys.readouterr().err == expected


def test_regions_are_those_of_their_cloud() -> None:
    (sentence,) = unknown_regions("aws", ["us-east-1", "us-eastt-1"])
    assert sentence.startswith("--region us-eastt-1: ")
    assert "Did you mean 'us-east-1'?" in sentence
