"""A model at Azure ML as its department declares it: planned from YAML, and its mistakes told at their keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.environment.problem import InvalidEnvironment
from modelyard.graph import Resource
from modelyard.platform.declared import declared
from modelyard.review.build import plan

from ..managed_project import MANAGED, SENTIMENT, write

_ARC = {
    "compute": "edge",
    "cluster": "/subscriptions/0a1b2c3d-4e5f-6789-abcd-ef0123456789/resourceGroups/edge/providers/"
    "Microsoft.Kubernetes/connectedClusters/shop",
    "extension_installed": True,
}
_ON_AZURE: dict[str, Any] = {
    **SENTIMENT,
    "target": "azureml",
    "azureml": {"instance_type": "Standard_DS3_v2"},
}


def azure(**more: Any) -> dict[str, Any]:
    """``platform.yaml`` with more of Azure."""
    return {"managed": {**MANAGED, "azure": {**MANAGED["azure"], **more}}}


def resources(root: Path, model: dict[str, Any], **more: Any) -> list[Resource]:
    """What both layers declare."""
    document = plan(write(root, model, platform=azure(**more)), root / "stacks")
    return [resource for stack in document.stacks for resource in stack.graph]


def of_type(found: list[Resource], type_: str) -> list[Resource]:
    return [resource for resource in found if resource.type == f"azure-native:{type_}"]


def test_a_department_gets_an_endpoint_and_the_foundation_a_workspace(tmp_path: Path) -> None:
    rollout = {"stable": 1, "canary": 2, "percent": 10}
    found = resources(tmp_path, {**_ON_AZURE, "rollout": rollout, "objective": {"p99_ms": 200,
                                                                               "requests_per_second": 10}})  # fmt: skip
    [workspace] = of_type(found, "machinelearningservices:Workspace")
    [endpoint] = of_type(found, "machinelearningservices:OnlineEndpoint")
    [traffic] = of_type(found, "resources:Deployment")
    assert workspace.stack.endswith("prod-foundation")
    assert endpoint.stack.endswith("prod-toys")
    [put] = traffic.inputs["properties"]["template"]["resources"]
    assert put["properties"]["traffic"] == {"v1-ds3-v2": 90, "v2-ds3-v2": 10}
    alerts = {each.name.rpartition("-")[2] for each in of_type(found, "monitor:MetricAlert")}
    assert alerts == {"rate", "errors", "queue", "latency", "saturation", "memory"}
    assert {each.inputs["tags"]["department"] for each in (endpoint, traffic)} == {"toys"}


def test_an_arc_cluster_of_the_platform_serves_a_model(tmp_path: Path) -> None:
    scaling = {"min_replicas": 1, "max_replicas": 3}
    model = {**_ON_AZURE, "azureml": {"arc": "edge"}, "scaling": scaling, "resources": {"gpus": 0}}
    found = resources(tmp_path, model, arc_clusters={"westeurope": [_ARC]})
    [compute] = of_type(found, "machinelearningservices:Compute")
    [deployment] = of_type(found, "machinelearningservices:OnlineDeployment")
    assert compute.inputs["computeName"] == "edge"
    assert deployment.inputs["properties"]["endpointComputeType"] == "Kubernetes"
    assert not of_type(found, "kubernetesconfiguration:Extension")


@pytest.mark.parametrize(
    ("model", "platform", "key", "sentence"),
    [
        (
            {"azureml": {"instance_type": "Standard_DS3_v2", "auth_mode": "key"}}, {"entra_only": True},
            "models[0].azureml.auth_mode",
            "is key, and nothing but tokens of Microsoft Entra is admitted (entra_only); write aad_token, or leave "
            "entra_only out",
        ),
        (
            {"azureml": {"arc": "egde"}}, {"arc_clusters": {"westeurope": [_ARC]}},
            "models[0].azureml.arc",
            "'egde' is not a compute on an Arc cluster; did you mean 'edge'? Allowed: edge",
        ),
        (
            {"azureml": {"instance_type": "Standard_DS3_v2", "endpoint_name": "s"}}, {},
            "models[0].azureml.endpoint_name",
            "'s' has 1 characters, and an endpoint of Azure ML has 3 to 32; shorten or lengthen it",
        ),
        (
            {"azureml": {"instance_type": "Standard_DS3_v2", "request": {"timeout_seconds": 200}}}, {},
            "models[0].azureml",
            "request.timeout_seconds 200 is more than the 180 that a managed endpoint waits; lower it",
        ),
        (
            {"azureml": {"instance_type": "Standard_ND96isr_H100_v5"}}, {"regions": ["southeastasia"]},
            "models[0].azureml.instance_type",
            "Standard_ND96isr_H100_v5 is not sold in southeastasia as far as the catalogue knows; it is in "
            "australiaeast, canadacentral, eastus, eastus2, ",
        ),
    ],
    ids=["key", "compute", "name", "timeout", "region"],
)  # fmt: skip
def test_a_mistake_is_told_at_its_key(
    tmp_path: Path, model: dict[str, Any], platform: dict[str, Any], key: str, sentence: str
) -> None:
    with pytest.raises(InvalidEnvironment) as refused:
        declared(write(tmp_path, {**_ON_AZURE, **model}, platform=azure(**platform)))
    [problem] = refused.value.problems
    assert problem.path == key
    assert problem.message.startswith(sentence)
    assert problem.file == "prod/departments/toys.yaml"
