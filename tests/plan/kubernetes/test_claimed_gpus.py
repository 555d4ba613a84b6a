"""Models whose GPUs are handed out by ResourceClaims: their pods, and what a whole environment makes of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement import workloads
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument
from modelyard.serving.kserve.service import KServeService
from modelyard.serving.seldon.service import SeldonService
from modelyard.serving.tfserving.service import TensorFlowServingService
from modelyard.serving.torchserve.service import TorchServeService
from modelyard.serving.triton.service import TritonService

from .kserve_program import canary_revision, kserve_arguments, of_canary
from .program import CHECKSUM, graph_of, one, refusal, triton_arguments, waits_for
from .seldon_program import on_gpu

REPOSITORY = Path(__file__).parents[3]
TEMPLATE = "kubernetes:resource.k8s.io/v1:ResourceClaimTemplate"
TWO = {"gpus": 2, "cpu": 2, "memory_gib": 8, "gpu_memory_gib": 10}
CLAIMED: dict[str, Any] = {"resources": TWO, "gpu_claim": {}}
ARCHIVE = {"path": "tagger.mar", "sha256": CHECKSUM, "size_bytes": 1024}
OF_TORCH = {
    "stored": {**triton_arguments()["stored"], "files": [ARCHIVE]},
    "archives": [{"file": "tagger.mar", "version": 1}],
}

SAVED = {"path": "tagger/1/saved_model.pb", "sha256": CHECKSUM, "size_bytes": 1000}
OF_TENSORFLOW = {**triton_arguments()["stored"], "files": [SAVED]}

Declared = tuple[Any, Any]
SERVED: dict[str, Declared] = {
    "triton": (TritonService, triton_arguments(**CLAIMED)),
    "tensorflow_serving": (TensorFlowServingService, triton_arguments(**CLAIMED, stored=OF_TENSORFLOW, scaling=None)),
    "torchserve": (TorchServeService, triton_arguments(**CLAIMED, **OF_TORCH, scaling=None)),
    "kserve": (KServeService, kserve_arguments(**CLAIMED)),
}


def service(declared: Declared) -> Any:
    kind, arguments = declared
    return lambda opts: kind("tagger", arguments, opts)


def pod(graph: ResourceGraph) -> tuple[Resource, dict[str, Any], dict[str, Any]]:
    """What declares the pods, their spec, and the container that serves."""
    for kind in ("Deployment", "InferenceService", "Rollout"):
        for each in graph:
            if each.type.endswith(f":{kind}"):
                spec = each.inputs["spec"]
                if kind == "InferenceService":
                    return each, spec["predictor"], spec["predictor"]["model"]
                return each, spec["template"]["spec"], spec["template"]["spec"]["containers"][0]
    raise AssertionError("no pods")


@pytest.mark.parametrize("runtime", SERVED)
def test_pods_claim_what_a_template_asks_for_that_is_there_before_them(runtime: str) -> None:
    graph = graph_of(service(SERVED[runtime]))
    (template,) = graph.of_type(TEMPLATE)
    made, spec, container = pod(graph)
    (counted,) = workloads(graph)
    assert counted.requests is not None
    assert (counted.requests.gpus, counted.requests.device) == (2, "gpu.nvidia.com")
    name = template.inputs["metadata"]["name"]
    assert spec["resourceClaims"] == [{"name": "gpu", "resourceClaimTemplateName": name}]
    assert container["resources"] == {
        "requests": {"cpu": "2", "memory": "8Gi"},
        "limits": {"memory": "8Gi"},
        "claims": [{"name": "gpu"}],
    }
    assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in spec["tolerations"]
    assert waits_for(graph, made, template)
    asked = template.inputs["spec"]
    assert asked["metadata"]["labels"]["modelyard.dev/department"] == "shop"
    assert asked["spec"]["devices"]["requests"] == [
        {
            "name": "gpu",
            "exactly": {
                "deviceClassName": "gpu.nvidia.com",
                "allocationMode": "ExactCount",
                "count": 2,
                "selectors": [
                    {
                        "cel": {
                            "expression": "device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('10240Mi')) >= 0"
                        }
                    }
                ],
            },
        }
    ]


def test_instances_are_claimed_by_their_profile() -> None:
    more = {"resources": {"gpus": 1}, "gpu_claim": {"mig_profile": "1g.5gb"}}
    graph = graph_of(service((TritonService, triton_arguments(**more))))
    (template,) = graph.of_type(TEMPLATE)
    (request,) = template.inputs["spec"]["spec"]["devices"]["requests"]
    assert request["exactly"] == {
        "deviceClassName": "mig.nvidia.com",
        "allocationMode": "ExactCount",
        "count": 1,
        "selectors": [{"cel": {"expression": "device.attributes['gpu.nvidia.com'].profile == '1g.5gb'"}}],
    }


def test_what_is_asked_for_has_another_template_when_it_changes() -> None:
    """A template cannot be changed: the next pods name the next one."""
    urns, names = set(), set()
    for changes in (CLAIMED, {**CLAIMED, "resources": {**TWO, "gpus": 1}}, {**CLAIMED, "max_unavailable": 2}):
        (template,) = graph_of(service((TritonService, triton_arguments(**changes)))).of_type(TEMPLATE)
        urns.add(template.urn)
        names.add(template.inputs["metadata"]["name"])
    assert len(urns) == len(names) == 2


@pytest.mark.parametrize("by", ["gateway", "argo_rollouts", "flagger"])
def test_a_canary_claims_as_the_stable_version_does(by: str) -> None:
    arguments = triton_arguments(**CLAIMED, **of_canary())
    if by != "gateway":
        arguments["rollout"] = {"stable": 1, "canary": 2, "by": by, "gates": {"error_rate": 0.01}}
    graph = graph_of(service((TritonService, arguments)))
    templates = {each.inputs["metadata"]["name"]: each for each in graph.of_type(TEMPLATE)}
    claimed = []
    for each in graph:
        if each.type.endswith((":Deployment", ":Rollout")):
            (claim,) = each.inputs["spec"]["template"]["spec"]["resourceClaims"]
            claimed.append(claim["resourceClaimTemplateName"])
            assert waits_for(graph, each, templates[claim["resourceClaimTemplateName"]])
    assert len(claimed) == (2 if by == "gateway" else 1)
    assert set(claimed) == set(templates)


def test_a_model_without_gpus_claims_nothing() -> None:
    more = {"resources": {"gpus": 0}, "gpu_claim": {}}
    graph = graph_of(service((TritonService, triton_arguments(**more))))
    assert not graph.of_type(TEMPLATE)
    assert "resourceClaims" not in pod(graph)[1]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (
            (TritonService, triton_arguments(gpu_claim={}, mig_profile="1g.10gb")),
            "TritonService tagger: mig_profile 1g.10gb is of a device plugin, and gpu_claim claims; name the profile "
            "in gpu_claim.mig_profile alone",
        ),
        (
            (KServeService, kserve_arguments(**CLAIMED, **canary_revision())),
            "KServeService tagger: gpu_claim: Knative takes no pod with a ResourceClaim; delete it, or take mode "
            "standard",
        ),
        (
            (SeldonService, on_gpu(gpu_claim={})),
            "SeldonService tagger: gpu_claim: the pods of Seldon's Servers have no ResourceClaims; delete it",
        ),
        (
            (TritonService, triton_arguments(gpu_claim={"mig_profile": "small"})),
            "TritonService tagger: gpu_claim.mig_profile: 'small' must be a MIG profile such as 1g.10gb",
        ),
    ],
)
def test_what_cannot_be_claimed_is_refused(declared: Declared, said: str) -> None:
    assert refusal(service(declared)) == said


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> PlanDocument:
    """Development, whose GPUs are claimed."""
    folder = tmp_path_factory.mktemp("claimed")
    shutil.copy(REPOSITORY / "Pulumi.yaml", folder)
    shutil.copytree(REPOSITORY / "stacks", folder / "stacks")
    file = folder / "stacks" / "dev" / "platform.yaml"
    declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    pool = declared["clusters"][0]["gpu_pools"][0]
    del pool["schedules"]
    pool |= {"dra": True, "min_nodes": 1}
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    return plan(folder / "stacks" / "dev", folder / "stacks")


def test_an_environment_whose_gpus_are_claimed_is_placed_priced_and_kept_to_policies(document: PlanDocument) -> None:
    (pool,) = [each for each in document.placement.pools if each.pool.name == "t4"]
    assert pool.pool.device == "gpu.nvidia.com"
    assert pool.residents
    assert all(resident.workload.requests.gpus for resident in pool.residents if resident.workload.requests)
    assert pool.fill_at_max is not None and pool.fill_at_max.gpu
    assert not document.placement.undetermined
    wrong = [verdict for verdict in document.policies if verdict.policy == "gpu-limits-and-tolerations"]
    assert wrong == []


def test_the_node_autoscaler_is_told_of_claims(document: PlanDocument) -> None:
    graphs = [stack.graph for stack in document.stacks]
    (scaler,) = [
        one(graph, "Release", "cluster-autoscaler")
        for graph in graphs
        if any(each.inputs.get("name") == "cluster-autoscaler" for each in graph)
    ]
    assert scaler.inputs["values"]["extraArgs"]["enable-dynamic-resource-allocation"] is True
