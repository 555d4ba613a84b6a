"""What a TorchServeService makes, and what it refuses."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.environment.torchserve import ModelArchiveDeclaration
from modelyard.environment.torchserve_config import ConfigDeclaration
from modelyard.graph import ResourceGraph
from modelyard.serving.torchserve import service_args, service_declaration
from modelyard.serving.torchserve.service import TorchServeService
from pulumi.provider.experimental.analyzer import Analyzer

from .program import CHECKSUM, graph_of, one, refusal, triton_arguments

TWO = [{"file": "tagger-1.mar", "version": 1}, {"file": "tagger-2.mar", "version": 2}]


def arguments(**changes: Any) -> Any:
    """Two versions, of which callers get 2."""
    files = [{"path": f"tagger-{version}.mar", "sha256": CHECKSUM, "size_bytes": 1024} for version in (1, 2)]
    stored = {"bucket": "models", "prefix": "shop/tagger", "region": "us-east-1", "digest": "f" * 64, "files": files}
    return triton_arguments(**{"stored": stored, "archives": TWO, "version": 2, **changes})


def service(**changes: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        TorchServeService("tagger", arguments(**changes), opts)

    return declare


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service())


def pod(graph: ResourceGraph) -> dict[str, Any]:
    return one(graph, "Deployment").inputs["spec"]["template"]["spec"]


def settings(graph: ResourceGraph) -> dict[str, str]:
    name = next(volume["configMap"]["name"] for volume in pod(graph)["volumes"] if volume["name"] == "settings")
    return one(graph, "ConfigMap", name).inputs["data"]


def properties(graph: ResourceGraph) -> dict[str, str]:
    lines = settings(graph)["config.properties"].splitlines()
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def test_management_is_in_the_pod_alone(graph: ResourceGraph) -> None:
    found = properties(graph)
    assert found["management_address"] == "http://127.0.0.1:8081"
    assert found["grpc_management_address"] == "127.0.0.1"
    assert [port["port"] for port in one(graph, "Service").inputs["spec"]["ports"]] == [8080, 7070, 8082]
    gateway, prometheus = one(graph, "NetworkPolicy").inputs["spec"]["ingress"]
    assert [port["port"] for port in gateway["ports"]] == [8080, 7070]
    assert [port["port"] for port in prometheus["ports"]] == [8082]


def test_only_inference_and_health_pass_the_gateway(graph: ResourceGraph) -> None:
    rules = one(graph, "HTTPRoute").inputs["spec"]["rules"]
    paths = [[match["path"]["value"] for match in rule["matches"]] for rule in rules]
    assert paths == [
        ["/v2/models/tagger/infer", "/predictions/tagger", "/predictions/tagger/1.0", "/predictions/tagger/2.0"],
        ["/org.pytorch.serve.grpc.openinference.GRPCInferenceService/ModelInfer"],
        ["/ping"],
        [
            "/org.pytorch.serve.grpc.openinference.GRPCInferenceService/ServerLive",
            "/org.pytorch.serve.grpc.openinference.GRPCInferenceService/ModelReady",
        ],
    ]
    assert {match["path"]["type"] for rule in rules for match in rule["matches"]} == {"Exact"}


def test_the_container_starts_with_its_own_configuration_and_ends_with_the_server(graph: ResourceGraph) -> None:
    (container,) = pod(graph)["containers"]
    assert container["name"] == "torchserve"
    assert container["command"][:2] == ["/bin/sh", "-c"]
    assert "torchserve --start --foreground --ncs" in container["command"][2]
    assert container["args"] == ["0.0.0.0:8083", "8081", "tagger", "1.0", "2.0"]
    variables = {each["name"]: each["value"] for each in container["env"]}
    assert variables["TS_CONFIG_FILE"] == "/etc/modelyard/config.properties"
    assert variables["TEMP"] == "/tmp", "archives are unpacked where the root file system is not"
    assert set(settings(graph)) == {"config.properties", "ready.py", "log4j2.xml"}
    # 60 s are given to a request, of which the pod sleeps 15 before it is told to stop.
    assert variables["MODELYARD_DRAIN_SECONDS"] == "45"
    assert container["readinessProbe"]["httpGet"] == {"path": "/ready", "port": 8083}
    assert container["livenessProbe"]["httpGet"] == {"path": "/ping", "port": 8080}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_threads_are_the_pods_and_not_the_nodes(graph: ResourceGraph) -> None:
    assert properties(graph)["number_of_netty_threads"] == "2"
    found = properties(graph_of(service(config={"number_of_netty_threads": 8})))
    assert (found["number_of_netty_threads"], found["netty_client_threads"]) == ("8", "2")


def test_promotion_is_one_line() -> None:
    assert properties(graph_of(service(version=1)))["load_models"] == "tagger-1.mar,tagger-2.mar"
    assert properties(graph_of(service(version=2)))["load_models"] == "tagger-2.mar,tagger-1.mar"


def test_the_image_is_the_one_for_the_pool(graph: ResourceGraph) -> None:
    assert pod(graph)["containers"][0]["image"].startswith("docker.io/pytorch/torchserve:0.12.0-gpu")
    cpu = graph_of(service(resources={"gpus": 0}, pool=None, price_basis=None))
    assert pod(cpu)["containers"][0]["image"].startswith("docker.io/pytorch/torchserve:0.12.0-cpu")


def test_a_canary_has_pods_of_its_own() -> None:
    """Each loads the archive of its version alone, and answers by that version."""
    old, new = (
        {**arguments()["stored"], "files": [arguments()["stored"]["files"][at]], "digest": str(at) * 64}
        for at in (0, 1)
    )
    rollout = {"stable": 1, "canary": 2, "percent": 10}
    graph = graph_of(service(version=None, stored=old, rollout=rollout, canary={"stored": new}))
    deployments = [each for each in graph if each.type.endswith(":Deployment")]
    loaded = {each.inputs["spec"]["template"]["spec"]["containers"][0]["args"][-1] for each in deployments}
    assert loaded == {"1.0", "2.0"}
    configured = [each.inputs["data"]["config.properties"] for each in graph if each.type.endswith(":ConfigMap")
                  and "config.properties" in each.inputs["data"]]  # fmt: skip
    assert sorted(text.partition("load_models=")[2].partition("\n")[0] for text in configured) == [
        "tagger-1.mar", "tagger-2.mar",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"config": {"job_que_size": 5}},
            "TorchServeService tagger: config.job_que_size: 'job_que_size' is not a known key; did you mean "
            "'job_queue_size'?",
        ),
        (
            {"config": {"management_address": "http://0.0.0.0:8081"}},
            "TorchServeService tagger: config: management_address is the component's own: it stays on the pod's "
            "loopback, since it loads code; leave it out",
        ),
        (
            {"config": {"disable_token_auth": True}},
            "TorchServeService tagger: config: disable_token_auth is ignored by TorchServe, and every call is refused "
            "with 400; the property is disable_token_authorization, and the component writes it",
        ),
        (
            {"config": {"vmargs": "-Dkey=$$SECRET$$"}},
            "holds $$...$$, which TorchServe replaces by a variable of the pod; write the value itself",
        ),
        (
            {"config": {"metrics_config": "ts_metrics: {counter: [{name: ts_inference_requests_total}]}"}},
            "lacks the counter ts_inference_latency_microseconds, without which requests, latency and queue are not "
            "measured; add it to ts_metrics",
        ),
        (
            {"archives": [{**TWO[0], "batch_size": 8}, TWO[1]]},
            "archives: tagger-1.mar has batch_size 8, and TorchServe's envelope of the Open Inference Protocol answers "
            "the first request of a batch alone; set batch_size 1, or protocol torchserve",
        ),
        ({"version": 3}, "version 3 has no archive; archives has 1, 2"),
        (
            {"archives": [TWO[0], {"file": "tagger-1.mar", "version": 2}]},
            "archives has the file tagger-1.mar twice; give each version an archive of its own",
        ),
        (
            {"archives": [TWO[0], {"file": "tagger-3.mar", "version": 2}]},
            "archives: tagger-3.mar is not among stored.files, which lists tagger-1.mar, tagger-2.mar; the model store "
            "is flat, so list it by that path",
        ),
        (
            {"stored": {"bucket": "models", "region": "us-east-1", "digest": "f" * 64}},
            "stored.layout model asks for version folders, which archives have none of; list the archives in "
            "stored.files, or set stored.layout: repository",
        ),
        (
            {"env": {"TS_JOB_QUEUE_SIZE": "5"}},
            "the variable TS_JOB_QUEUE_SIZE is not read: enable_envvars_config is off, so that the file alone says "
            "what runs; set config.job_queue_size",
        ),
        (
            {"archives": [{**TWO[0], "min_workers": 4, "max_workers": 2}, TWO[1]]},
            "min_workers 4 exceeds max_workers 2; raise max_workers or lower min_workers",
        ),
    ],
)
def test_refusals(changes: dict[str, Any], said: str) -> None:
    assert said in refusal(service(**changes))


def test_archives_are_read_before_anything_is_declared(tmp_path: Path) -> None:
    described = {"modelName": "tagger", "modelVersion": "1.0", "handler": "handler.py"}
    with zipfile.ZipFile(tmp_path / "tagger-1.mar", "w") as archive:
        archive.writestr("MAR-INF/MANIFEST.json", json.dumps({"model": described}))
    assert refusal(service(archives_folder=str(tmp_path))).splitlines() == [
        f"TorchServeService tagger: archives[0]: {tmp_path}/tagger-1.mar names the handler 'handler.py' and does not "
        "hold handler.py; add the file; TorchServe brings image_classifier, image_segmenter, object_detector, "
        "text_classifier",
        f"TorchServeService tagger: archives[1]: {tmp_path}/tagger-2.mar does not exist",
    ]


def test_other_languages_see_every_argument_described() -> None:
    analysed = Analyzer("modelyard").analyze([TorchServeService])
    (definition,) = analysed["component_definitions"].values()
    described = [*definition.inputs.values(), *definition.outputs.values()]
    described += [each for kind in analysed["type_definitions"].values() for each in kind.properties.values()]
    assert all(each.description for each in described)


@pytest.mark.parametrize(
    ("declaration", "args"),
    [
        (service_declaration.TorchServeServiceDeclaration, service_args.TorchServeServiceArgs),
        (ModelArchiveDeclaration, service_args.ModelArchiveArgs),
        (ConfigDeclaration, service_args.TorchServeConfigArgs),
    ],
)
def test_arguments_mirror_their_declaration(declaration: Any, args: Any) -> None:
    assert set(args.__annotations__) == set(declaration.model_fields)
    assert args.__required_keys__ == {name for name, field in declaration.model_fields.items() if field.is_required()}


def test_no_script_holds_what_kubernetes_would_take_for_an_escape() -> None:
    """Of ``$$`` in a command one dollar sign is left (Kubernetes, "Define a Command and Arguments for a Container")."""
    from modelyard.serving.torchserve.server import start_script
    from modelyard.serving.workload.model_download import script

    assert "$$" not in start_script()
    assert "$$" not in script()
