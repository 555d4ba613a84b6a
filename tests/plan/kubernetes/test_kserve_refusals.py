"""Exact sentences with which KServe's components refuse their arguments."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.serving.kserve.cluster import KServeCluster
from modelyard.serving.kserve.graph_service import KServeGraph
from modelyard.serving.kserve.service import KServeService

from .kserve_program import FOLDER, IMAGE, canary_revision, graph_arguments, kserve_arguments, of_canary, on_cpu
from .program import PLATFORM, refusal, triton_arguments

KNATIVE = {**canary_revision(), "rollout": None, "canary": None}
HANDED = "has no predictor to hand requests to; name the model's server, format and stored, or delete it"

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (
        "a server that does not serve the format",
        kserve_arguments(server="sklearnserver", format="onnx"),
        "KServeService tagger: sklearnserver does not serve onnx; triton does",
    ),
    (
        "a format that several serve",
        kserve_arguments(server="triton", format="sklearn"),
        "KServeService tagger: triton does not serve sklearn; mlserver and sklearnserver do",
    ),
    (
        "a format that nobody serves",
        kserve_arguments(server="torchserve", format="torch-mar"),
        "KServeService tagger: no runtime serves a format 'torch-mar'; did you mean 'torch_mar'? torchserve serves "
        "torch_mar",
    ),
    (
        "a protocol that is not spoken",
        on_cpu("tensorflow_serving", "savedmodel", protocol="v2"),
        "KServeService tagger: protocol v2 is none of tensorflow_serving's, which speaks v1, grpc-v1",
    ),
    (
        "two versions in a server of one",
        on_cpu("mlserver", "sklearn", versions=[1, 2]),
        "KServeService tagger: versions names 2 versions, and mlserver serves one; name one, and another in canary",
    ),
    (
        "listed files that KServe would copy",
        kserve_arguments(**{**KNATIVE, "stored": triton_arguments()["stored"]}),
        "KServeService tagger: stored lists files with checksums, and with mode knative KServe copies the folder "
        "without asking for any; name a folder as it shall be served (layout: repository), and no files",
    ),
    (
        "a folder of another layout",
        kserve_arguments(model_cache={"node_groups": ["l4"], "size_gib": 1}, stored={**FOLDER, "layout": "model"}),
        "KServeService tagger: stored.layout is model; with model_cache KServe copies the folder below the prefix as "
        "it is, so store a folder that holds the model's folder, and write layout: repository",
    ),
    (
        "a hostname in mode knative",
        kserve_arguments(**{**KNATIVE, "hostname": "tagger.east.ml.example.org"}),
        "KServeService tagger: hostname is for mode standard; in mode knative KServe's own ingress names the host",
    ),
    (
        "an autoscaler in mode knative",
        kserve_arguments(**KNATIVE, autoscaler="keda"),
        "KServeService tagger: autoscaler keda is for mode standard; delete it, since Knative scales by itself",
    ),
    (
        "a target that Knative does not follow",
        kserve_arguments(**{**KNATIVE, "scaling": {"max_replicas": 2, "target_queue_ms": 5}}),
        "KServeService tagger: scaling.target_queue_ms is nothing that Knative follows; name target_concurrency or "
        "target_requests_per_second",
    ),
    (
        "a target that KServe's HPA does not follow",
        kserve_arguments(autoscaler="hpa"),
        "KServeService tagger: autoscaler hpa follows processor time alone, and scaling names target_queue_ms; take "
        "external",
    ),
    (
        "no replicas with an autoscaler that cannot wake them",
        kserve_arguments(autoscaler="keda", scaling={"min_replicas": 0, "max_replicas": 2, "target_queue_ms": 5}),
        "KServeService tagger: autoscaler keda never wakes a model from no replicas; set scaling.min_replicas to 1, or "
        "external",
    ),
    (
        "less at most than at least",
        kserve_arguments(scaling={"min_replicas": 4, "max_replicas": 2}),
        "KServeService tagger: scaling: min_replicas 4 exceeds max_replicas 2; raise max_replicas or lower "
        "min_replicas",
    ),
    (
        "a canary of more than everything",
        kserve_arguments(**of_canary(percent=110)),
        "KServeService tagger: rollout.percent: is 110, and a canary gets at most 100 % of the traffic; allowed: 0 to "
        "100",
    ),
    (
        "a controller that cannot move KServe's Deployments",
        kserve_arguments(**of_canary(percent=0, by="flagger")),
        "KServeService tagger: rollout.by flagger moves Deployments of ours, and KServe's belong to KServe; write "
        "gateway",
    ),
    (
        "callers that stay, in mode knative",
        kserve_arguments(**canary_revision(sticky={"header": "x-user"})),
        "KServeService tagger: rollout.sticky is the gateway's to do, and in mode knative Knative splits by chance; "
        "delete it, or take mode standard",
    ),
    (
        "a name that a Service cannot have",
        kserve_arguments(**{**of_canary(canary=10_000), "model": "t" * 40}),
        f"KServeService tagger: KServe would name a Service {'t' * 40}-canary-v10000-predictor, of 64 characters; "
        "Kubernetes allows 63, so shorten the model's name",
    ),
    (
        "a template of Go's",
        kserve_arguments(env={"GREETING": "{{ .Name }}"}),
        "KServeService tagger: env.GREETING holds '{{', which KServe reads as a template; write it another way",
    ),
    (
        "a server that is none",
        kserve_arguments(server="tritonserver"),
        "KServeService tagger: server: 'tritonserver' is not an allowed value; did you mean 'triton'? Allowed: triton, "
        "tensorflow_serving, torchserve, mlserver, sklearnserver, xgbserver",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, Any], message: str) -> None:
    said = refusal(lambda opts: KServeService("tagger", arguments, opts))  # type: ignore[arg-type]
    assert said == message


def test_a_transformer_without_a_predictor_is_refused() -> None:
    arguments = kserve_arguments(server=None, format=None, stored=None, transformer={"image": IMAGE})
    said = refusal(lambda opts: KServeService("tagger", arguments, opts))
    assert f"KServeService tagger: transformer: {HANDED}" in said
    assert "KServeService tagger: stored: is missing and has no default; add it" in said


def test_everything_wrong_is_told_at_once() -> None:
    wrong = {"protocol": "v1", "autoscaler": "hpa", "env": {"A": "{{"}}
    said = refusal(lambda opts: KServeService("tagger", kserve_arguments(**wrong), opts))
    assert said.count("; ") >= 2
    assert all(text in said for text in ("protocol v1", "autoscaler hpa", "env.A"))


def steps(**changes: Any) -> dict[str, Any]:
    return {"root": {"router": "Sequence", "steps": [{"model": "features"}], **changes}}


GRAPHS: list[tuple[str, dict[str, Any], str]] = [
    (
        "a model that is not served",
        {"nodes": steps(steps=[{"model": "xgbost"}])},
        "nodes.root.steps[0].model: 'xgbost' is not a model that KServe serves here; did you mean 'xgboost'? Allowed: "
        "features, logistic, rules, unused, xgboost",
    ),
    (
        "a circle",
        {
            "nodes": {
                "root": {"router": "Sequence", "steps": [{"node": "a"}]},
                "a": {"router": "Sequence", "steps": [{"model": "rules"}, {"node": "b"}]},
                "b": {"router": "Ensemble", "steps": [{"node": "a"}]},
            }
        },
        "nodes ask each other in a circle: a -> b -> a; a request would never end",
    ),
    (
        "no beginning",
        {"nodes": {"start": {"router": "Sequence", "steps": [{"model": "rules"}]}}},
        "nodes has no node 'root', where every request begins; name one so",
    ),
    (
        "the graph's own name",
        {"name": "rules"},
        "name 'rules' is a model's too, and both would have a route by it; rename the graph",
    ),
]


@pytest.mark.parametrize(("changes", "message"), [each[1:] for each in GRAPHS], ids=[each[0] for each in GRAPHS])
def test_graphs_that_cannot_answer_are_refused(changes: dict[str, Any], message: str) -> None:
    said = refusal(lambda opts: KServeGraph("fraud", graph_arguments(**changes), opts))
    assert said == f"KServeGraph fraud: {message}"


def test_a_group_of_nodes_has_one_name() -> None:
    group = {"name": "l4", "pool": "l4", "storage_gib": 100}
    arguments: Any = {"ownership": PLATFORM.args(), "node_groups": [group, group]}
    said = refusal(lambda opts: KServeCluster("east", arguments, opts))
    assert said == "KServeCluster east: node_groups names 'l4' more than once; rename one"
