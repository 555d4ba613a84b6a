"""The simulated Google Cloud, Azure and Cloud Control: names, ids, what they compute, functions, what they refuse."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import schemas
from modelyard.offline.simulated import (
    Before,
    SimulatedAwsNative,
    SimulatedAwsNativeAccount,
    SimulatedAzureNative,
    SimulatedAzureNativeSubscription,
    SimulatedGcp,
    SimulatedGcpProject,
    SimulatedProvider,
    all_providers,
    served_packages,
)
from modelyard.offline.simulated.azure_native import resource_path
from modelyard.offline.simulated.unknown_token import UnknownFunction, UnknownResource

from .programs import provider, resource, run_program, urn

SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
GCP = SimulatedGcp({"project": "shop-prod", "region": "europe-west4"})
AZURE = SimulatedAzureNative({"subscriptionId": SUBSCRIPTION, "location": "West Europe"})
NATIVE = SimulatedAwsNative({"region": "eu-west-1", "defaultTags": '{"tags": {"team": "ml", "env": "dev"}}'})
ATTRIBUTED = {"goog-pulumi-provisioned": "true"}
ML = "azure-native:machinelearningservices"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/prod"
IN_WORKSPACE = {"resourceGroupName": "ml", "workspaceName": "prod"}
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/sentiment"


@pytest.mark.parametrize(
    ("cloud", "token", "property_", "expected"),
    [
        (GCP, "gcp:compute/network:Network", "name", r"shop-[0-9a-f]{7}"),
        (GCP, "gcp:storage/bucket:Bucket", "name", r"shop-[0-9a-f]{7}"),
        (GCP, "gcp:vertex/aiEndpoint:AiEndpoint", "name", r"shop-[0-9a-f]{7}"),
        (NATIVE, "aws-native:sagemaker:InferenceComponent", "inferenceComponentName", r"shop-[0-9a-f]{7}"),
        (NATIVE, "aws-native:sagemaker:EndpointConfig", "endpointConfigName", r"shop-[0-9a-f]{7}"),
        # Azure: without a dash where the name stands alone, as it is below another resource.
        (AZURE, "azure-native:resources:ResourceGroup", "resourceGroupName", r"shop[0-9a-f]{8}"),
        (AZURE, "azure-native:storage:StorageAccount", "accountName", r"shop[0-9a-f]{8}"),
        (AZURE, f"{ML}:Workspace", "workspaceName", r"shop[0-9a-f]{8}"),
        (AZURE, f"{ML}:OnlineEndpoint", "endpointName", r"shop[0-9a-f]{8}"),
        (AZURE, f"{ML}:OnlineDeployment", "deploymentName", "shop"),
        (AZURE, f"{ML}:ModelVersion", "version", "shop"),
        (AZURE, "azure-native:network:Subnet", "subnetName", "shop"),
        (AZURE, "azure-native:kubernetesconfiguration:Extension", "extensionName", r"shop[0-9a-f]{8}"),
        (
            AZURE,
            "azure-native:authorization:RoleAssignment",
            "roleAssignmentName",
            r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-\w{12}",
        ),
    ],
)
def test_physical_names(cloud: SimulatedProvider, token: str, property_: str, expected: str) -> None:
    made_up = cloud.check(token, urn(token, "shop"), {}).inputs[property_]
    assert re.fullmatch(expected, made_up)
    assert cloud.check(token, urn(token, "shop"), {}).inputs[property_] == made_up
    assert cloud.check(token, urn(token, "shop"), {property_: "given"}).inputs[property_] == "given"
    assert cloud.check(token, urn(token, "shop"), {}, {property_: "older"}).inputs[property_] == "older"
    replacing = cloud.check(token, urn(token, "shop"), {}, replaces="the-old-id").inputs[property_]
    assert (replacing == made_up) is (expected == "shop")


@pytest.mark.parametrize(
    ("cloud", "token", "name", "property_"),
    [
        (GCP, "gcp:compute/network:Network", "n" * 56, "name"),
        (GCP, "gcp:compute/network:Network", "Upper", "name"),
        (AZURE, "azure-native:storage:StorageAccount", "n" * 17, "accountName"),
        (NATIVE, "aws-native:sagemaker:Model", "n" * 56, "modelName"),
    ],
)
def test_names_that_no_cloud_takes(cloud: SimulatedProvider, token: str, name: str, property_: str) -> None:
    problems = cloud.check(token, urn(token, name), {}).problems
    assert property_ in {problem.path for problem in problems}


@pytest.mark.parametrize(
    ("cloud", "token", "inputs", "id_", "outputs"),
    [
        (
            GCP,
            "gcp:vertex/aiEndpoint:AiEndpoint",
            {"name": "1234567890", "location": "europe-west4", "displayName": "x"},
            "projects/shop-prod/locations/europe-west4/endpoints/1234567890",
            {
                "project": "shop-prod",
                "dedicatedEndpointDns": "1234567890.europe-west4-123456789012.prediction.vertexai.goog",
            },
        ),
        (
            GCP,
            "gcp:serviceaccount/account:Account",
            {"accountId": "prod-sentiment"},
            "projects/shop-prod/serviceAccounts/prod-sentiment@shop-prod.iam.gserviceaccount.com",
            {"member": "serviceAccount:prod-sentiment@shop-prod.iam.gserviceaccount.com"},
        ),
        (
            GCP,
            "gcp:storage/bucketIAMMember:BucketIAMMember",
            {"bucket": "models", "role": "roles/storage.objectViewer", "member": "user:a"},
            "b/models/roles/storage.objectViewer/user:a",
            {},
        ),
        (
            AZURE,
            f"{ML}:OnlineEndpoint",
            {
                **IN_WORKSPACE,
                "endpointName": "prod-sentiment",
                "properties": {"authMode": "AADToken"},
                "identity": {"type": "UserAssigned", "userAssignedIdentities": [IDENTITY]},
            },
            f"{WORKSPACE}/onlineEndpoints/prod-sentiment",
            {
                "name": "prod-sentiment",
                "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
                "properties": {
                    "authMode": "AADToken",
                    "provisioningState": "Succeeded",
                    "scoringUri": "https://prod-sentiment.westeurope.inference.ml.azure.com/score",
                    "swaggerUri": "https://prod-sentiment.westeurope.inference.ml.azure.com/swagger.json",
                },
            },
        ),
        (
            AZURE,
            "azure-native:authorization:RoleAssignment",
            {"scope": WORKSPACE, "roleAssignmentName": "r", "principalId": "p", "roleDefinitionId": "d"},
            f"{WORKSPACE}/providers/Microsoft.Authorization/roleAssignments/r",
            {"type": "Microsoft.Authorization/roleAssignments"},
        ),
        (
            AZURE,
            "azure-native:resources:ResourceGroup",
            {"resourceGroupName": "ml"},
            GROUP,
            {"type": "Microsoft.Resources/resourceGroups"},
        ),
        (
            NATIVE,
            "aws-native:sagemaker:InferenceComponent",
            {"inferenceComponentName": "sentiment", "endpointName": "prod"},
            "arn:aws:sagemaker:eu-west-1:123456789012:inference-component/sentiment",
            {"inferenceComponentArn": "arn:aws:sagemaker:eu-west-1:123456789012:inference-component/sentiment"},
        ),
    ],
)
def test_what_creation_gives(
    cloud: SimulatedProvider, token: str, inputs: dict[str, Any], id_: str, outputs: dict[str, Any]
) -> None:
    created = cloud.create(token, urn(token, "x"), cloud.check(token, urn(token, "x"), inputs).inputs, preview=False)
    assert created.id == id_
    assert {name: created.outputs[name] for name in outputs} == outputs
    planned = cloud.create(token, urn(token, "x"), inputs, preview=True)
    assert planned.id is UNKNOWN
    assert {name: planned.outputs[name] for name in inputs if name not in ("properties", "identity")} == {
        name: value for name, value in inputs.items() if name not in ("properties", "identity")
    }


def test_what_a_preview_of_google_cloud_knows_already() -> None:
    token = "gcp:serviceaccount/account:Account"
    planned = GCP.create(token, urn(token, "x"), {"accountId": "reader"}, preview=True).outputs
    assert planned["email"] == "reader@shop-prod.iam.gserviceaccount.com"
    assert planned["uniqueId"] is UNKNOWN
    unknown = GCP.create(token, urn(token, "x"), {"accountId": UNKNOWN}, preview=True).outputs
    assert unknown["email"] is UNKNOWN


@pytest.mark.parametrize(
    ("settings", "labels", "expected"),
    [
        ({}, {"a": "b"}, {**ATTRIBUTED, "a": "b"}),
        ({"addPulumiAttributionLabel": "false"}, {"a": "b"}, {"a": "b"}),
        (
            {"defaultLabels": '{"a": "x", "c": "d"}'},
            {"a": "b"},
            {"goog-pulumi-provisioned": "true", "a": "b", "c": "d"},
        ),
        ({}, {"a": UNKNOWN}, UNKNOWN),
    ],
)
def test_labels_of_google_cloud(settings: dict[str, str], labels: dict[str, Any], expected: Any) -> None:
    token = "gcp:storage/bucket:Bucket"
    planned = SimulatedGcp(settings).create(token, urn(token, "x"), {"labels": labels}, preview=True).outputs
    assert planned["effectiveLabels"] == planned["pulumiLabels"] == Secret(expected)


def test_identities_of_azure_come_back_with_what_they_are() -> None:
    token = f"{ML}:OnlineEndpoint"
    given = {"identity": {"type": "UserAssigned", "userAssignedIdentities": [IDENTITY]}, "properties": {}}
    created = AZURE.create(token, urn(token, "x"), given, preview=False).outputs["identity"]
    assert list(created["userAssignedIdentities"]) == [IDENTITY]
    assert "principalId" not in created
    planned = {"identity": {"type": "UserAssigned", "userAssignedIdentities": [UNKNOWN]}}
    outputs = AZURE.create(token, urn(token, "x"), planned, preview=True).outputs
    assert outputs["identity"]["userAssignedIdentities"] is UNKNOWN
    own = {"identity": {"type": "SystemAssigned"}}
    assert AZURE.create(token, urn(token, "x"), own, preview=True).outputs["identity"]["principalId"] is UNKNOWN


def test_an_update_keeps_what_azure_computed() -> None:
    token, inputs = f"{ML}:OnlineEndpoint", {**IN_WORKSPACE, "endpointName": "e", "properties": {"authMode": "Key"}}
    created = AZURE.create(token, urn(token, "x"), inputs, preview=False)
    moved = {**inputs, "properties": {"authMode": "Key", "traffic": {"v1": 100}}}
    for preview in (True, False):
        outputs = AZURE.update(token, urn(token, "x"), moved, Before(inputs, created.outputs), preview=preview)
        assert outputs["properties"]["traffic"] == {"v1": 100}
        assert outputs["properties"]["scoringUri"].startswith("https://e.westeurope.")
        assert outputs["name"] == "e"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (None, [{"key": "team", "value": "ml"}, {"key": "env", "value": "dev"}]),
        ([{"key": "env", "value": "prod"}], [{"key": "env", "value": "prod"}, {"key": "team", "value": "ml"}]),
        ([{"key": "env", "value": UNKNOWN}], UNKNOWN),
    ],
)
def test_default_tags_of_cloud_control(tags: Any, expected: Any) -> None:
    token = "aws-native:sagemaker:ModelPackageGroup"
    given = {} if tags is None else {"tags": tags}
    assert NATIVE.check(token, urn(token, "x"), given).inputs["tags"] == expected


@pytest.mark.parametrize(
    ("answering", "silent", "token", "args", "name", "expected"),
    [
        (
            SimulatedGcpProject({"project": "shop-prod"}), GCP, "gcp:organizations/getProject:getProject", {}, "number",
            "123456789012",
        ),
        (
            SimulatedGcpProject({}), GCP, "gcp:organizations/getClientConfig:getClientConfig", {}, "accessToken",
            Secret("simulated-access-token"),
        ),
        (
            SimulatedAzureNativeSubscription({"subscriptionId": SUBSCRIPTION}), AZURE,
            "azure-native:authorization:getClientConfig", {}, "subscriptionId", SUBSCRIPTION,
        ),
        (
            SimulatedAzureNativeSubscription({}), AZURE, f"{ML}:listOnlineEndpointKeys",
            {**IN_WORKSPACE, "endpointName": "e"}, "primaryKey", Secret("simulated-primary-key"),
        ),
        (
            SimulatedAwsNativeAccount({"region": "eu-west-1"}), NATIVE, "aws-native:index:getAccountId", {},
            "accountId", "123456789012",
        ),
    ],
)  # fmt: skip
def test_functions_that_only_an_account_can_answer(
    answering: SimulatedProvider, silent: SimulatedProvider, token: str, args: dict[str, Any], name: str, expected: Any
) -> None:
    assert answering.invoke(token, args, preview=True).outputs[name] == expected
    assert silent.invoke(token, args, preview=True).outputs is UNKNOWN
    assert silent.invoke(token, args, preview=False).outputs[name] is not UNKNOWN


def test_a_partition_needs_no_account() -> None:
    answer = SimulatedAwsNative({"region": "cn-north-1"}).invoke("aws-native:index:getPartition", {}, preview=True)
    assert answer.outputs == {"partition": "aws-cn"}


@pytest.mark.parametrize(
    ("cloud", "token", "nearest"),
    [
        (GCP, "gcp:vertex/aiEndpoints:AiEndpoint", "'gcp:vertex/aiEndpoint:AiEndpoint'"),
        (AZURE, f"{ML}:OnlineEndpoints", f"'{ML}:OnlineEndpoint'"),
        (NATIVE, "aws-native:sagemaker:InferenceComponents", "'aws-native:sagemaker:InferenceComponent'"),
    ],
)
def test_types_that_are_not_simulated_are_refused_by_name(cloud: SimulatedProvider, token: str, nearest: str) -> None:
    (problem,) = cloud.check(token, urn(token, "x"), {}).problems
    assert problem.reason.endswith(f"did you mean {nearest}?")
    with pytest.raises(UnknownResource):
        cloud.read(token, urn(token, "x"), "id", {}, preview=True)
    with pytest.raises(UnknownFunction):
        cloud.invoke(token, {}, preview=True)


@pytest.mark.parametrize("cloud", [GCP, AZURE, NATIVE], ids=lambda cloud: cloud.package)
def test_every_type_can_be_made_and_made_again(cloud: Any) -> None:
    for token in schemas.tokens(cloud.package):
        if token.startswith("pulumi:"):
            continue
        assert cloud.facts(token) is not None, token
        created = cloud.create(token, urn(token, "x"), {}, preview=False)
        assert isinstance(created.id, str), token
        assert created.id, token
        assert "{" not in created.id, token
        assert created == cloud.create(token, urn(token, "x"), {}, preview=False), token
        planned = cloud.create(token, urn(token, "x"), {}, preview=True)
        assert set(planned.outputs) == set(created.outputs) | {n for n, v in planned.outputs.items() if v is UNKNOWN}


def test_every_azure_type_has_a_path_of_its_inputs() -> None:
    for token in schemas.tokens("azure-native"):
        if token.startswith("pulumi:"):
            continue
        path = resource_path(token)
        assert path is not None, token
        assert {name.partition(".")[0] for name in path.parameters} <= set(schemas.outputs(token)), token


def test_the_location_of_azures_provider_is_that_of_its_resources() -> None:
    token = f"{ML}:Workspace"
    assert AZURE.check(token, urn(token, "x"), {}).inputs["location"] == "West Europe"
    assert AZURE.check(token, urn(token, "x"), {"location": "eastus"}).inputs["location"] == "eastus"
    template = "azure-native:resources:Deployment"
    assert "location" not in AZURE.check(template, urn(template, "x"), {}).inputs


@pytest.mark.parametrize(
    ("package", "settings", "path"),
    [
        ("gcp", {"projet": "shop-prod"}, "projet"),
        ("azure-native", {"subscription": SUBSCRIPTION}, "subscription"),
        ("aws-native", {"regoin": "eu-west-1"}, "regoin"),
    ],
)
def test_settings_that_a_provider_does_not_have_are_refused(package: str, settings: dict[str, str], path: str) -> None:
    problems = all_providers()[package].check_config(settings).problems
    assert path in {problem.path for problem in problems}
    assert package in served_packages()


def test_secret_settings_of_a_provider_are_told_to_nobody() -> None:
    def program() -> None:
        azure = provider("azure", "azure-native", clientSecret=pulumi.Output.secret("hunter2-hunter2"))
        resource("azure-native:resources:ResourceGroup", "ml", pulumi.ResourceOptions(provider=azure))

    for mode in ("preview", "up"):
        done = run_program(program, mode=mode)
        assert len(done.graph.of_type("azure-native:resources:ResourceGroup")) == 1
        assert "hunter2" not in repr(done)
