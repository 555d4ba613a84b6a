"""The simulated providers over the wire, as the real engine calls them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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
    with served("aws") as stub:
        yield stub


@contextmanager
def served(package: str, drift: Path | None = None) -> Iterator[Any]:
    server, port = serve(package, lambda: None, drift)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
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


def test_an_update_is_told_what_was_before(aws: Any) -> None:
    template = urn("aws:ec2/launchTemplate:LaunchTemplate", "gpu")
    old = wire.to_struct({"name": "gpu", "userData": "eA=="})
    created = aws.Create(provider_pb2.CreateRequest(urn=template, properties=old))
    request = {"urn": template, "id": created.id, "olds": created.properties, "old_inputs": old}
    new = wire.to_struct({"name": "gpu", "userData": "eQ=="})
    planned = aws.Update(provider_pb2.UpdateRequest(**request, news=new, preview=True))
    assert wire.decode_struct(planned.properties)["latestVersion"] is UNKNOWN
    done = aws.Update(provider_pb2.UpdateRequest(**request, news=new))
    assert wire.decode_struct(done.properties)["latestVersion"] == 2


def test_what_replaces_another_is_another(aws: Any) -> None:
    """The engine checks with the old inputs, compares, and checks again without them for the replacement."""
    role = urn("aws:iam/role:Role", "reader")
    old = wire.to_struct({"name": "reader-0123abc", "path": "/a/", "assumeRolePolicy": "{}"})
    news = wire.to_struct({"path": "/b/", "assumeRolePolicy": "{}"})
    first = wire.decode_struct(aws.Check(provider_pb2.CheckRequest(urn=role, news=news)).inputs)
    kept = aws.Check(provider_pb2.CheckRequest(urn=role, olds=old, news=news))
    assert wire.decode_struct(kept.inputs)["name"] == "reader-0123abc"
    difference = aws.Diff(
        provider_pb2.DiffRequest(urn=role, id="reader-0123abc", olds=old, old_inputs=old, news=kept.inputs)
    )
    assert (list(difference.replaces), difference.deleteBeforeReplace) == (["path"], False)
    fresh = wire.decode_struct(aws.Check(provider_pb2.CheckRequest(urn=role, news=news)).inputs)
    assert len({"reader-0123abc", first["name"], fresh["name"]}) == 3
    created = aws.Create(provider_pb2.CreateRequest(urn=role, properties=wire.to_struct(fresh)))
    assert created.id == fresh["name"]


def test_a_refresh_finds_what_was_changed_by_hand(tmp_path: Path) -> None:
    drift = tmp_path / "drift.json"
    changed = {"tags": {"a": "c", "x": None}, "repositoryUrl": "elsewhere", "imageTagMutability": "MUTABLE"}
    drift.write_text(json.dumps({IMAGES: changed, urn(REPOSITORY, "gone"): None}), encoding="utf-8")
    with served("aws", drift) as aws:
        inputs = wire.to_struct({"name": "images", "tags": {"a": "b", "x": "y"}})
        outputs = wire.to_struct({"name": "images", "tags": {"a": "b", "x": "y"}, "repositoryUrl": "here"})
        read = {"id": "images", "inputs": inputs, "properties": outputs}
        found = aws.Read(provider_pb2.ReadRequest(urn=IMAGES, **read))
        assert wire.decode_struct(found.inputs) == {"name": "images", "tags": {"a": "c"}}
        assert wire.decode_struct(found.properties) == {"name": "images", **changed, "tags": {"a": "c"}}
        assert aws.Read(provider_pb2.ReadRequest(urn=urn(REPOSITORY, "gone"), **read)).id == ""
        untouched = aws.Read(provider_pb2.ReadRequest(urn=urn(REPOSITORY, "other"), **read))
        assert (untouched.inputs, untouched.properties) == (inputs, outputs)


def test_a_refresh_leaves_fields_of_other_owners_alone(tmp_path: Path) -> None:
    deployment = urn("kubernetes:apps/v1:Deployment", "web")
    drift = tmp_path / "drift.json"
    drift.write_text(json.dumps({deployment: {"spec": {"replicas": 3, "paused": True}}}), encoding="utf-8")
    with served("kubernetes", drift) as kubernetes:
        inputs = wire.to_struct({"spec": {"paused": False}})
        request = provider_pb2.ReadRequest(urn=deployment, id="ml/web", inputs=inputs, properties=inputs)
        found = kubernetes.Read(request)
    assert wire.decode_struct(found.inputs) == {"spec": {"paused": True}}
    assert wire.decode_struct(found.properties) == {"spec": {"paused": True, "replicas": 3}}


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


@pytest.mark.parametrize("package", ["aws", "docker", "kubernetes"])
def test_a_plugin_prints_its_port_and_ends_when_told(tmp_path: Path, package: str) -> None:
    plugins = write_plugins(tmp_path, tmp_path / "drift.json")
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
