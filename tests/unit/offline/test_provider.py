"""The simulated providers over the wire, as the real engine calls them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import wire
from modelyard.offline.plugins import write_plugins
from modelyard.offline.provider import serve
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from .programs import REPOSITORY, urn

IMAGES = urn(REPOSITORY, "images")


@pytest.fixture
def aws() -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    server, port = serve("aws", lambda: None)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=wire.to_struct({"region": "eu-west-1"}), acceptSecrets=True))
        yield stub
    server.stop(None).wait()


def checked(aws: Any, **inputs: Any) -> dict[str, Any]:
    response = aws.Check(provider_pb2.CheckRequest(urn=IMAGES, news=wire.to_struct(inputs)))
    assert not response.failures
    return wire.decode_struct(response.inputs)


def test_a_resources_life(aws: Any) -> None:
    inputs = checked(aws, tags={"a": Secret("b"), "c": UNKNOWN})
    assert inputs["tags"] == {"a": Secret("b"), "c": UNKNOWN}
    inputs = checked(aws, tags={"a": Secret("b")})
    planned = aws.Create(provider_pb2.CreateRequest(urn=IMAGES, properties=wire.to_struct(inputs), preview=True))
    assert planned.id == ""
    assert wire.decode_struct(planned.properties)["arn"] is UNKNOWN
    created = aws.Create(provider_pb2.CreateRequest(urn=IMAGES, properties=wire.to_struct(inputs)))
    outputs = wire.decode_struct(created.properties)
    assert created.id == inputs["name"]
    assert outputs["arn"] == f"arn:aws:ecr:eu-west-1:123456789012:repository/{inputs['name']}"
    assert outputs["tags"] == {"a": Secret("b")}
    read = aws.Read(
        provider_pb2.ReadRequest(
            urn=IMAGES, id=created.id, inputs=wire.to_struct(inputs), properties=created.properties
        )
    )
    assert read.properties == created.properties
    changed = {**inputs, "name": "other", "tags": {}}
    difference = aws.Diff(
        provider_pb2.DiffRequest(urn=IMAGES, news=wire.to_struct(changed), old_inputs=wire.to_struct(inputs))
    )
    assert (list(difference.diffs), list(difference.replaces)) == (["name", "tags"], ["name"])
    updated = aws.Update(
        provider_pb2.UpdateRequest(urn=IMAGES, id=created.id, news=wire.to_struct({**inputs, "tags": {"x": "y"}}))
    )
    assert wire.decode_struct(updated.properties)["tags"] == {"x": "y"}
    aws.Delete(provider_pb2.DeleteRequest(urn=IMAGES, id=created.id))


def test_failures_and_unknown_functions_are_reported(aws: Any) -> None:
    response = aws.Check(provider_pb2.CheckRequest(urn=IMAGES, news=wire.to_struct({"nam": "x"})))
    assert [failure.property for failure in response.failures] == ["nam"]
    with pytest.raises(grpc.RpcError) as error:
        aws.Invoke(provider_pb2.InvokeRequest(tok="aws:ec2/getNothing:getNothing"))
    assert "knows no function 'aws:ec2/getNothing:getNothing'" in str(error.value)


def test_functions_answer_in_a_preview_too(aws: Any) -> None:
    token = "aws:secretsmanager/getSecretVersion:getSecretVersion"
    response = aws.Invoke(provider_pb2.InvokeRequest(tok=token, args=wire.to_struct({"secretId": "db"}), preview=True))
    assert isinstance(wire.decode_struct(getattr(response, "return"))["secretString"], Secret)


def test_a_provider_that_moves_is_replaced(aws: Any) -> None:
    def diff(**news: Any) -> Any:
        olds = wire.to_struct({"region": "eu-west-1"})
        return aws.DiffConfig(provider_pb2.DiffRequest(urn="", olds=olds, news=wire.to_struct(news)))

    assert list(diff(region="eu-west-2").replaces) == ["region"]
    assert list(diff(region="eu-west-1", profile="x").replaces) == []
    assert diff(region="eu-west-1").changes == provider_pb2.DiffResponse.DIFF_NONE


@pytest.mark.parametrize("package", ["aws", "kubernetes"])
def test_a_plugin_prints_its_port_and_ends_when_told(tmp_path: Path, package: str) -> None:
    plugins = write_plugins(tmp_path)
    (home,) = [Path(entry["path"]) for entry in plugins["providers"] if entry["name"] == package]
    process = subprocess.Popen(
        [home / f"pulumi-resource-{package}", "127.0.0.1:1"],
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.GetPluginInfo(empty_pb2.Empty()).version
            stub.Cancel(empty_pb2.Empty())
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.communicate()
