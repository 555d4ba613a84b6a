"""A model server in a container of this machine: what is asked of Docker, and what is refused before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.graph import ResourceGraph
from modelyard.offline import ProgramFailed, Run, run
from modelyard.serving.local.local_model_server import LocalModelServer
from modelyard.serving.local.model_folder import problem, signature
from tensorflow_serving_files import parsed

from ..tfserving.test_savedmodel_signature import IMAGES, saved_model


def repository(root: Path, *versions: int, model: str = "resnet50") -> Path:
    for version in versions:
        folder = root / model / str(version)
        folder.mkdir(parents=True)
        (folder / "saved_model.pb").write_bytes(saved_model({"serving_default": IMAGES}))
    return root


def planned(folder: Path, *, mode: Any = "preview", **changes: Any) -> Run:
    arguments: Any = {"model": "resnet50", "runtime": "tensorflow_serving", "repository": str(folder), **changes}

    def program() -> None:
        made = LocalModelServer("demo", arguments)
        for name in ("url", "predict_url", "metrics_url", "grpc_address", "container_name"):
            pulumi.export(name, getattr(made, name))

    return run(program, project="demo", stack="local", config={}, mode=mode)


def container(graph: ResourceGraph) -> dict[str, Any]:
    return next(dict(each.inputs) for each in graph if each.type == "docker:index/container:Container")


def refusal(folder: Path, **changes: Any) -> str:
    with pytest.raises(ProgramFailed) as failed:
        planned(folder, **changes)
    return str(failed.value.__cause__)


def test_it_makes_an_image_and_a_container_of_it(tmp_path: Path) -> None:
    made = planned(repository(tmp_path, 1), mode="up")
    assert [each.type for each in made.graph][-2:] == [
        "docker:index/remoteImage:RemoteImage",
        "docker:index/container:Container",
    ]
    assert container(made.graph)["image"].startswith("sha256:")
    assert not [each for each in made.diagnostics if each.severity != "info"]


@pytest.mark.parametrize("runtime", ["tensorflow_serving", "triton"])
def test_it_can_be_reached_from_this_machine_alone_and_has_no_rights(tmp_path: Path, runtime: str) -> None:
    given = container(planned(tmp_path, runtime=runtime).graph)
    assert {port["ip"] for port in given["ports"]} == {"127.0.0.1"}
    assert [(volume["hostPath"], volume["readOnly"]) for volume in given["volumes"]] == [(str(tmp_path), True)]
    assert given["capabilities"] == {"drops": ["ALL"]}
    assert given["securityOpts"] == ["no-new-privileges:true"]
    assert given["user"] == "1000:1000"
    assert "privileged" not in given and "networkMode" not in given
    assert given["memory"] == given["memorySwap"] == 4096
    assert given["mustRun"] and given["init"] and given["wait"]


def test_tensorflow_serving_gets_its_files_and_says_where_it_answers(tmp_path: Path) -> None:
    server = {"labels": {"stable": 1, "canary": 2}, "batching": {"max_batch_size": 8}}
    made = planned(repository(tmp_path, 1, 2), versions=[1, 2], server=server, http_port=9000)
    files = {upload["file"]: upload["content"] for upload in container(made.graph)["uploads"]}
    assert set(files) == {f"/etc/modelyard/{name}.config" for name in ("models", "monitoring", "batching")}
    (model,) = parsed("ModelServerConfig", files["/etc/modelyard/models.config"]).model_config_list.config
    assert (model.base_path, dict(model.version_labels)) == ("/models/resnet50", {"stable": 1, "canary": 2})
    assert dict(made.outputs) == {
        "url": "http://127.0.0.1:9000",
        "predict_url": "http://127.0.0.1:9000/v1/models/resnet50/versions/1:predict",
        "metrics_url": "http://127.0.0.1:9000/monitoring/prometheus/metrics",
        "grpc_address": "127.0.0.1:8500",
        "container_name": "modelyard-resnet50",
    }


def test_triton_has_a_port_for_its_metrics(tmp_path: Path) -> None:
    made = planned(tmp_path, runtime="triton", metrics_port=9002)
    assert [(port["internal"], port["external"]) for port in container(made.graph)["ports"]] == [
        (8000, 8000), (8001, 8001), (8002, 9002),
    ]  # fmt: skip
    assert made.outputs["metrics_url"] == "http://127.0.0.1:9002/metrics"
    assert made.outputs["predict_url"] == "http://127.0.0.1:8000/v2/models/resnet50/infer"


def test_the_image_and_the_gpus_that_are_asked_for(tmp_path: Path) -> None:
    image = f"registry.example/serving:1@sha256:{'a' * 64}"
    made = planned(tmp_path, image=image, gpus=True)
    assert [each.inputs["name"] for each in made.graph if each.type.endswith(":RemoteImage")] == [image]
    assert container(made.graph)["gpus"] == "all"
    assert "gpus" not in container(planned(tmp_path).graph)


def test_ownership_is_on_the_container(tmp_path: Path) -> None:
    owner = {"department": "shop", "cost_center": "CC-1", "environment": "dev", "owner": "shop@retail.example"}
    labels = container(planned(tmp_path, ownership=owner).graph)["labels"]
    said = {label["label"]: label["value"] for label in labels}
    assert (said["modelyard.dev/department"], said["modelyard.dev/model"]) == ("shop", "resnet50")


def test_a_model_that_is_not_there_yet_is_a_warning_in_a_plan_and_an_error_in_an_update(tmp_path: Path) -> None:
    said = f"{tmp_path / 'resnet50'} does not exist; put the model there, with a folder for each version"
    warned = [each.message for each in planned(tmp_path).diagnostics if each.severity == "warning"]
    assert warned == [said]
    assert refusal(tmp_path, mode="up") == f"LocalModelServer demo: repository: {said}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"runtime": "tensorflow-serving"}, "did you mean 'tensorflow_serving'"),
        ({"version": 2, "versions": [1]}, "version 2 is not among versions 1; name it there"),
        (
            {"metrics_port": 9002},
            "metrics_port is for triton; TensorFlow Serving has its metrics on http_port: delete it",
        ),
        (
            {"runtime": "triton", "server": {"labels": {"stable": 1}}},
            "server is for tensorflow_serving, and the runtime is triton; delete it",
        ),
        (
            {"server": {"labels": {"canary": 2}}},
            "server.labels.canary is version 2, which is not served; served are 1: add it to versions, or name one of "
            "them",
        ),
        ({"http_port": 8500}, "http_port and grpc_port are both 8500; give each its own"),
        ({"runtime": "triton", "grpc_port": 8002}, "grpc_port and metrics_port are both 8002; give each its own"),
        ({"http_port": 80}, "http_port"),
        ({"env": {"API_TOKEN": "planted-value-1"}}, "env.API_TOKEN: the value is secret"),
        ({"memory": 4}, "did you mean 'memory_gib'"),
        ({"restart": "sometimes"}, "unless-stopped"),
    ],
)
def test_bad_arguments_are_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    message = refusal(tmp_path, **changes)
    assert said in message
    assert "planted-value-1" not in message


def test_a_folder_that_the_server_would_stumble_over(tmp_path: Path) -> None:
    root = repository(tmp_path, 1)
    folder = root / "resnet50"
    assert problem(root, "resnet50", "tensorflow_serving", [1]) is None
    assert problem(root, "resnet50", "tensorflow_serving", [1, 2]) == f"{folder} has no version 2; it has 1"
    assert problem(root, "resnet50", "triton", [1]) == (
        f"{folder} has no config.pbtxt; write the repository with `modelyard render`"
    )
    (folder / "3").mkdir()
    assert problem(root, "resnet50", "tensorflow_serving", [3]) == (
        f"{folder / '3'} has no saved_model.pb, so it is no SavedModel; export it with tf.saved_model.save, or "
        "model.export"
    )
    (folder / "3" / "saved_model.pb").write_text("version https://git-lfs.github.com/spec/v1\n")
    assert problem(root, "resnet50", "tensorflow_serving", [3]) == (
        f"{folder / '3' / 'saved_model.pb'} is not a SavedModel, or is cut off: its protobuf cannot be read"
    )
    (folder / "3" / "saved_model.pb").write_bytes(saved_model({"score": IMAGES}))
    assert problem(root, "resnet50", "tensorflow_serving", [3]) is None


def test_the_signature_of_a_version(tmp_path: Path) -> None:
    root = repository(tmp_path, 1)
    read = signature(root, "resnet50", 1)
    assert read is not None and [tensor.name for tensor in read.inputs] == ["image"]
    assert signature(root, "resnet50", 2) is None
