"""The client over gRPC and TLS at the real gateway, before both sides of a canary."""

from __future__ import annotations

import pytest
from modelyard.serving.client import CannotAsk, Client, Endpoint, Tensor

from .envoy_gateway import HTTPS_PORT
from .test_canary import CANARY, FACTORS, MODEL_NAME, STABLE, Canary, canary

pytestmark = [pytest.mark.servers, pytest.mark.whole]
__all__ = ["canary"]


@pytest.mark.parametrize(("side", "version"), [("stable", STABLE), ("canary", CANARY)])
def test_the_side_that_is_asked_over_grpc_answers_and_is_told(
    canary: Canary, monkeypatch: pytest.MonkeyPatch, side: str, version: int
) -> None:
    canary.declare(percent=50)
    monkeypatch.setenv("SSL_CERT_FILE", str(canary.gateway.certificate))
    client = Client(
        Endpoint.at(f"https://127.0.0.1:{HTTPS_PORT}", MODEL_NAME),
        protocol="grpc",
        token="of-nobody",
        headers={"Host": canary.host},
    )
    asked = [Tensor.of("x", "FP32", [[21]])]
    answers = [client.infer(asked, variant=side) for _ in range(5)]
    assert {(each["y"], each.reply.served_by) for each in answers} == {((21 * FACTORS[version],), side)}
    with pytest.raises(CannotAsk, match=r"^variant 'v2': a gateway is asked for stable or canary; name one of them$"):
        client.infer(asked, variant="v2")
    assert {client.infer(asked).reply.served_by for _ in range(40)} == {"stable", "canary"}
    client.close()
