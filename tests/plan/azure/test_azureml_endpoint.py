"""An online endpoint of Azure ML as Pulumi sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pulumi
import pytest
from modelyard.graph import UNKNOWN, Resource, ResourceGraph
from modelyard.offline.simulated.azure_native import SimulatedAzureNative
from modelyard.serving.azureml.endpoint import AzureMLEndpoint

from .program import (
    GROUP_ID,
    IMAGE,
    LEARNING,
    WORKSPACE_ID,
    azure_resources,
    endpoint_arguments,
    graph_of,
    one,
    run_program,
    version,
    waits_for,
)

_CANARY = {"stable": 3, "canary": 4}
_SECRET = "https://shop.vault.azure.net/secrets/feature-store/0123456789abcdef0123456789abcdef"
_VAULT = f"{GROUP_ID}/providers/Microsoft.KeyVault/vaults/shop"
_STORAGE = f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/mlprod"
_REGISTRY = f"{GROUP_ID}/providers/Microsoft.ContainerRegistry/registries/mlprod"


def endpoint(**changes: Any) -> ResourceGraph:
    """The graph of one endpoint."""
    return graph_of(lambda opts: AzureMLEndpoint("sentiment", endpoint_arguments(**changes), opts=opts))


def canary(percent: int, **changes: Any) -> ResourceGraph:
    """The graph of an endpoint whose canary answers so much."""
    rollout = {**_CANARY, "percent": percent}
    return endpoint(versions=[version(3), version(4)], rollout=rollout, **changes)


def settled(graph: ResourceGraph) -> dict[str, Any]:
    """The endpoint as the template puts it."""
    template = one(graph, "azure-native:resources:Deployment").inputs["properties"]["template"]
    [resource] = template["resources"]
    return dict(resource["properties"])


def changed(before: ResourceGraph, after: ResourceGraph) -> set[str]:
    """Resources whose inputs differ, or that only one graph has."""
    old = {resource.urn: resource for resource in azure_resources(before)}
    new = {resource.urn: resource for resource in azure_resources(after)}
    differ = [urn for urn in old.keys() & new.keys() if old[urn].inputs != new[urn].inputs]
    return {urn.rpartition("::")[2] for urn in (old.keys() ^ new.keys()) | set(differ)}


def _id(resource: Resource) -> str:
    """Resource id below the workspace."""
    inputs = resource.inputs
    if resource.type.endswith(":EnvironmentVersion"):
        return f"{WORKSPACE_ID}/environments/{inputs['name']}/versions/{inputs['version']}"
    of = f"{WORKSPACE_ID}/onlineEndpoints/{inputs['endpointName']}"
    return f"{of}/deployments/{inputs['deploymentName']}" if "deploymentName" in inputs else of


def deployments(graph: ResourceGraph) -> dict[str, Resource]:
    return {each.inputs["deploymentName"]: each for each in graph.of_type(f"{LEARNING}:OnlineDeployment")}


def test_the_endpoint_is_put_without_traffic_then_its_deployments_and_then_its_traffic() -> None:
    graph = canary(10)
    made = one(graph, f"{LEARNING}:OnlineEndpoint")
    traffic = one(graph, "azure-native:resources:Deployment")
    assert "traffic" not in made.inputs["properties"]
    assert set(deployments(graph)) == {"v3-ds3-v2", "v4-ds3-v2"}
    for deployment in deployments(graph).values():
        assert waits_for(graph, deployment, made)
        assert waits_for(graph, traffic, deployment)
        assert not waits_for(graph, deployment, traffic)
    assert settled(graph)["traffic"] == {"v3-ds3-v2": 90, "v4-ds3-v2": 10}
    order = [resource.name for resource in graph]
    assert order.index("sentiment-traffic") > order.index("sentiment-version-4")


def test_every_later_change_of_the_endpoint_goes_through_the_template() -> None:
    graph = endpoint()
    made = one(graph, f"{LEARNING}:OnlineEndpoint")
    assert set(made.ignore_changes) == {"properties", "tags", "identity", "kind"}
    [resource] = one(graph, "azure-native:resources:Deployment").inputs["properties"]["template"]["resources"]
    assert resource["tags"] == made.inputs["tags"]
    assert resource["kind"] == made.inputs["kind"]
    assert resource["properties"].items() >= made.inputs["properties"].items()


@pytest.mark.parametrize(("before", "after"), [(0, 10), (10, 50), (50, 100), (50, 0), (10, 0)])
def test_a_promotion_and_a_rollback_change_the_traffic_alone(before: int, after: int) -> None:
    assert changed(canary(before), canary(after)) == {"sentiment-traffic"}


def test_another_version_never_replaces_the_endpoint() -> None:
    new = changed(endpoint(), canary(0))
    assert new == {
        "sentiment-traffic",
        "sentiment-version-4",
        "sentiment-version-4-saturation",
        "sentiment-version-4-memory",
    }


def test_making_the_canary_the_stable_one_renames_nothing() -> None:
    after = endpoint(versions=[version(3), version(4)], version=4)
    assert changed(canary(100), after) == set()
    # The old one stays until it is taken out.
    assert changed(after, endpoint(versions=[version(4)], version=4)) == {
        "sentiment-traffic",
        "sentiment-version-3",
        "sentiment-version-3-saturation",
        "sentiment-version-3-memory",
    }


def test_a_deployment_goes_with_its_endpoint() -> None:
    run = run_program(lambda opts: AzureMLEndpoint("sentiment", endpoint_arguments(), opts=opts))
    made = one(run.graph, f"{LEARNING}:OnlineEndpoint")
    for each in (*deployments(run.graph).values(), one(run.graph, "azure-native:resources:Deployment")):
        assert run.options[each.urn].deleted_with == made.urn


def test_another_size_is_another_deployment_that_is_there_before_the_old_one_goes() -> None:
    before, after = endpoint(), endpoint(instance_type="Standard_F8s_v2")
    [old], [new] = deployments(before).values(), deployments(after).values()
    assert settled(after)["traffic"] == {"v3-f8s-v2": 100}
    assert old.urn == new.urn
    difference = SimulatedAzureNative({}).diff(new.type, new.urn, new.inputs, old.inputs)
    assert difference.replace
    assert not difference.delete_first


def test_traffic_is_copied_before_it_moves() -> None:
    graph = endpoint(versions=[version(3), version(4)], rollout={**_CANARY, "mirror_percent": 20})
    assert settled(graph)["traffic"] == {"v3-ds3-v2": 100, "v4-ds3-v2": 0}
    assert settled(graph)["mirrorTraffic"] == {"v4-ds3-v2": 20}


def test_a_deployment_says_everything() -> None:
    graph = endpoint(
        request={"max_concurrent_requests": 8, "timeout_seconds": 0.5},
        startup={"failure_threshold": 90},
        liveness={"period_seconds": 5},
        readiness={"initial_delay_seconds": 30, "timeout_seconds": 4, "success_threshold": 2, "failure_threshold": 3},
        data_collection={"collections": ["request", "features"], "sampling_percent": 10, "rolling_rate": "day",
                         "capture_headers": ["x-user-id"]},
        app_insights=False,
        egress_public_access=False,
        env={"LOG_LEVEL": "info"},
        scaling={"min_replicas": 2, "max_replicas": 2},
    )  # fmt: skip
    made = deployments(graph)["v3-ds3-v2"].inputs
    assert made["sku"] == {"name": "Default", "capacity": 2}
    assert made["properties"] == {
        "endpointComputeType": "Managed",
        "model": f"{WORKSPACE_ID}/models/shop-sentiment/versions/3",
        "environmentId": _id(one(graph, f"{LEARNING}:EnvironmentVersion")),
        "instanceType": "Standard_DS3_v2",
        "appInsightsEnabled": False,
        "egressPublicNetworkAccess": "Disabled",
        "environmentVariables": {"LOG_LEVEL": "info"},
        "requestSettings": {"maxConcurrentRequestsPerInstance": 8, "requestTimeout": "PT0.5S"},
        "scaleSettings": {"scaleType": "Default"},
        "startupProbe": {
            "initialDelay": "PT10S", "period": "PT10S", "timeout": "PT2S", "successThreshold": 1,
            "failureThreshold": 90,
        },
        "livenessProbe": {
            "initialDelay": "PT10S", "period": "PT5S", "timeout": "PT2S", "successThreshold": 1, "failureThreshold": 30,
        },
        "readinessProbe": {
            "initialDelay": "PT30S", "period": "PT10S", "timeout": "PT4S", "successThreshold": 2, "failureThreshold": 3,
        },
        "dataCollector": {
            "collections": {
                "request": {"dataCollectionMode": "Enabled", "samplingRate": 0.1},
                "features": {"dataCollectionMode": "Enabled", "samplingRate": 0.1},
            },
            "rollingRate": "Day",
            "requestLogging": {"captureHeaders": ["x-user-id"]},
        },
    }  # fmt: skip


def test_an_image_of_ones_own_is_an_environment_by_its_content() -> None:
    other = {"image": IMAGE.replace("a" * 64, "b" * 64)}
    graph = endpoint(versions=[version(3), version(4, **other)])
    made = {each.name: each.inputs for each in graph.of_type(f"{LEARNING}:EnvironmentVersion")}
    assert [each["properties"]["image"] for each in made.values()] == [IMAGE, other["image"]]
    versions = [each["version"] for each in made.values()]
    assert [each.partition("-")[0] for each in versions] == ["3", "4"]
    assert versions[0].partition("-")[2] != versions[1].partition("-")[2]
    assert made["sentiment-version-3"]["properties"]["inferenceConfig"]["scoringRoute"] == {"path": "/", "port": 8000}


def test_without_an_image_azure_serves_the_model_by_its_type() -> None:
    graph = endpoint(image=None)
    assert not graph.of_type(f"{LEARNING}:EnvironmentVersion")
    assert "environmentId" not in deployments(graph)["v3-ds3-v2"].inputs["properties"]
    assert one(graph, f"{LEARNING}:ModelVersion").inputs["properties"]["modelType"] == "triton_model"


def test_an_autoscale_setting_owns_the_instances() -> None:
    graph = endpoint(scaling={"max_replicas": 4})
    [deployment] = deployments(graph).values()
    setting = one(graph, "azure-native:monitor:AutoscaleSetting")
    assert list(deployment.ignore_changes) == ["sku.capacity"]
    assert setting.inputs["targetResourceUri"] == _id(deployment)
    assert setting.inputs["profiles"][0]["capacity"] == {"minimum": "1", "maximum": "4", "default": "1"}


def test_a_fixed_number_of_instances_is_the_programs() -> None:
    graph = endpoint(scaling={"min_replicas": 2, "max_replicas": 2})
    assert not graph.of_type("azure-native:monitor:AutoscaleSetting")


@pytest.mark.parametrize(
    ("changes", "granted"),
    [
        ({}, {"635dd51f": WORKSPACE_ID}),
        ({"container_registry_id": _REGISTRY}, {"635dd51f": WORKSPACE_ID, "7f951dda": _REGISTRY}),
        ({"storage_account_id": _STORAGE}, {"635dd51f": WORKSPACE_ID, "2a2b9908": _STORAGE}),
        (
            {"storage_account_id": _STORAGE, "data_collection": {}},
            {"635dd51f": WORKSPACE_ID, "ba92f5b4": _STORAGE},
        ),
        (
            {
                "injected_secrets": {
                    "A": {"url": _SECRET, "vault_id": _VAULT},
                    "B": {"url": _SECRET, "vault_id": _VAULT},
                }
            },
            {"635dd51f": WORKSPACE_ID, "4633458b": f"{_VAULT}/secrets/feature-store"},
        ),
        ({"injected_secrets": {"A": {"url": _SECRET}}}, {"635dd51f": WORKSPACE_ID}),
    ],
    ids=["metrics", "images", "files", "payloads", "secret", "secret of a vault that somebody else opens"],
)
def test_the_identity_may_do_what_it_needs_and_no_more(changes: dict[str, Any], granted: dict[str, str]) -> None:
    graph = endpoint(**changes)
    identity = one(graph, "azure-native:managedidentity:UserAssignedIdentity")
    assigned = graph.of_type("azure-native:authorization:RoleAssignment")
    given = {each.inputs["roleDefinitionId"].rpartition("/")[2][:8]: each.inputs["scope"] for each in assigned}
    assert given == granted
    for each in assigned:
        assert each.inputs["principalId"] == identity.outputs["principalId"]
        assert all(waits_for(graph, deployment, each) for deployment in deployments(graph).values())


def test_azure_puts_a_secret_into_its_variable() -> None:
    graph = endpoint(env={"THREADS": "4"}, injected_secrets={"FEATURES": {"url": _SECRET}})
    (made,) = deployments(graph).values()
    assert made.inputs["properties"]["environmentVariables"] == {
        "THREADS": "4",
        "FEATURES": f"${{{{keyvault:{_SECRET}}}}}",
    }


def test_callers_are_admitted_to_this_endpoint_alone() -> None:
    caller = "2a1b2c3d-4e5f-6789-abcd-ef0123456789"
    graph = endpoint(callers=[caller])
    made = one(graph, f"{LEARNING}:OnlineEndpoint")
    assigned = one(graph, "azure-native:authorization:RoleAssignment", f"sentiment-caller-{caller}").inputs
    assert (assigned["principalId"], assigned["scope"]) == (caller, _id(made))
    assert assigned["roleDefinitionId"].endswith("/f6c7c914-8db3-469d-8ca1-694a8f32e121")


def test_the_five_signals_have_an_alert() -> None:
    graph = canary(10, p99_ms=200, requests_per_second=20, action_groups=[f"{GROUP_ID}/group"])
    alerts = {each.name.removeprefix("sentiment-"): each for each in graph.of_type("azure-native:monitor:MetricAlert")}
    of_deployments = [f"version-{n}-{signal}" for n in (3, 4) for signal in ("saturation", "memory")]
    assert set(alerts) == {"rate", "errors", "queue", "latency", *of_deployments}
    thresholds = {name: each.inputs["criteria"]["allOf"][0]["threshold"] for name, each in alerts.items()}
    assert (thresholds["rate"], thresholds["errors"], thresholds["latency"]) == (1200, 12, 200)
    made = one(graph, f"{LEARNING}:OnlineEndpoint")
    assert alerts["errors"].inputs["scopes"] == [_id(made)]
    assert alerts["version-4-memory"].inputs["scopes"] == [_id(deployments(graph)["v4-ds3-v2"])]
    assert all(each.inputs["actions"] == [{"actionGroupId": f"{GROUP_ID}/group"}] for each in alerts.values())


def test_a_gpu_is_watched_and_followed() -> None:
    graph = endpoint(instance_type="Standard_NC4as_T4_v3", resources={"gpus": 1}, scaling={"max_replicas": 2})
    metrics = [
        each.inputs["criteria"]["allOf"][0]["metricName"]
        for each in graph.of_type("azure-native:monitor:MetricAlert")
        if each.name.startswith("sentiment-version")
    ]
    assert metrics == ["GpuUtilizationPercentage", "GpuMemoryUtilizationPercentage"]
    profile = one(graph, "azure-native:monitor:AutoscaleSetting").inputs["profiles"][0]
    assert {rule["metricTrigger"]["metricName"] for rule in profile["rules"]} == {"GpuUtilizationPercentage"}


def test_logs_go_where_they_are_told() -> None:
    graph = endpoint(log_analytics_id=f"{GROUP_ID}/logs")
    logs = one(graph, "azure-native:monitor:DiagnosticSetting").inputs
    assert logs["workspaceId"] == f"{GROUP_ID}/logs"
    assert all(log["enabled"] for log in logs["logs"])
    assert not endpoint().of_type("azure-native:monitor:DiagnosticSetting")


def test_an_arc_cluster_serves_beside_azure() -> None:
    graph = canary(10, arc="factory", instance_type=None, resources={"cpu": 4, "memory_gib": 6, "gpus": 1},
                   scaling={"min_replicas": 1, "max_replicas": 3})  # fmt: skip
    compute = f"{WORKSPACE_ID}/computes/factory"
    made = one(graph, f"{LEARNING}:OnlineEndpoint").inputs
    assert (made["kind"], made["properties"]["compute"], made["properties"]["authMode"]) == ("K8S", compute, "AMLToken")
    traffic = one(graph, "azure-native:resources:Deployment").inputs["properties"]
    assert traffic["parameters"]["compute"] == {"value": compute}
    assert settled(graph)["compute"] == "[parameters('compute')]"
    properties = deployments(graph)["v4-default"].inputs["properties"]
    asked = {"cpu": "4", "memory": "6Gi", "gpu": "1"}
    assert properties["endpointComputeType"] == "Kubernetes"
    assert properties["containerResourceRequirements"] == {
        "containerResourceRequests": asked,
        "containerResourceLimits": asked,
    }
    assert properties["scaleSettings"] == {
        "scaleType": "TargetUtilization",
        "minInstances": 1,
        "maxInstances": 3,
        "targetUtilizationPercentage": 70,
        "pollingInterval": "PT1S",
    }
    assert not graph.of_type("azure-native:monitor:AutoscaleSetting")


def test_everything_that_can_be_tagged_is() -> None:
    graph = canary(10, p99_ms=200, scaling={"max_replicas": 2}, log_analytics_id=f"{GROUP_ID}/logs")
    untagged = {
        each.type.rpartition(":")[2]
        for each in azure_resources(graph)
        if "tags" not in each.inputs and "tags" not in each.inputs.get("properties", {})
    }
    assert untagged == {"RoleAssignment", "DiagnosticSetting"}
    for each in azure_resources(graph):
        tags = each.inputs.get("tags") or each.inputs.get("properties", {}).get("tags")
        if tags is not None:
            assert (tags["department"], tags["cost-center"], tags["model"]) == ("shop", "CC-2000", "sentiment")


def test_a_preview_knows_who_gets_what() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        made = AzureMLEndpoint("sentiment", endpoint_arguments(), opts=opts)
        pulumi.export("deployments", made.deployments)
        pulumi.export("name", made.endpoint_name)
        pulumi.export("uri", made.scoring_uri)

    run = run_program(declare, "preview")
    assert settled(run.graph)["traffic"] == {"v3-ds3-v2": 100}
    assert run.outputs == {"deployments": {"v3-ds3-v2": 100}, "name": "sentiment-shop-prod", "uri": UNKNOWN}
    assert run_program(declare).outputs["uri"] == "https://sentiment-shop-prod.westeurope.inference.ml.azure.com/score"


def test_the_azure_sdk_is_loaded_by_those_alone_who_declare_something_of_azure() -> None:
    code = """
import json, sys
import modelyard
for name in modelyard.COMPONENTS: getattr(modelyard, name)
print(json.dumps(sorted(name for name in sys.modules if name.startswith("pulumi_azure_native"))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_without_the_sdk_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pulumi_azure_native", None)
    for name in [name for name in sys.modules if name.startswith("pulumi_azure_native.")]:
        monkeypatch.setitem(sys.modules, name, None)
    from modelyard.governance.azure_sdk import NoAzureSdk

    with pytest.raises(NoAzureSdk) as caught:
        AzureMLEndpoint("sentiment", endpoint_arguments())
    assert str(caught.value) == ("AzureMLEndpoint needs the package pulumi-azure-native; pip install modelyard[azure]")
