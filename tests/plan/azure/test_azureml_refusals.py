"""What an online endpoint refuses before the first resource, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.azureml import AzureML
from modelyard.environment.problem import InvalidEnvironment
from modelyard.serving.azureml.endpoint import AzureMLEndpoint
from modelyard.serving.azureml.endpoint_args import AzureMLEndpointArgs
from modelyard.serving.azureml.endpoint_declaration import AzureMLEndpointDeclaration, endpoint_declaration

from .program import GROUP_ID, endpoint_arguments, refusal, version

SECRET = "https://shop.vault.azure.net/secrets/feature-store/0123456789abcdef0123456789abcdef"
VAULT = f"{GROUP_ID}/providers/Microsoft.KeyVault/vaults/shop"
_BOTH = [version(3), version(4)]


def said(**changes: Any) -> list[str]:
    """The sentences, without the component's name."""
    with pytest.raises(InvalidEnvironment) as caught:
        endpoint_declaration("sentiment", endpoint_arguments(**changes))
    return sorted(str(each).removeprefix("AzureMLEndpoint sentiment: ") for each in caught.value.problems)


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        (
            {"instance_type": "Standard_ND96asr_v4", "location": "southeastasia"},
            ["instance_type: Standard_ND96asr_v4 is not sold in southeastasia as far as the catalogue knows; it is in "
             "eastus, southcentralus, westeurope, westus2"],
        ),
        (
            {"instance_type": None, "location": "swedencentral"},
            ["instance_type is missing, and no size of swedencentral is known to have 2 cores, 8 GiB and 0 GPUs; name "
             "a VM size"],
        ),
        (
            {"versions": _BOTH, "rollout": {"stable": 3, "canary": 4, "mirror_percent": 60}},
            ["rollout.mirror_percent 60 is more than the 50 % that Azure ML copies; lower it"],
        ),
        (
            {"versions": _BOTH, "rollout": {"stable": 3, "canary": 4, "percent": 110}},
            ["rollout.percent: is 110, and a canary gets at most 100 % of the traffic; allowed: 0 to 100"],
        ),
        (
            {"versions": [version(3), version(3)]},
            ["versions names version 3 more than once; delete one"],
        ),
        (
            {"version": 5},
            ["version is 5, which is none of versions (3); add it there"],
        ),
        (
            {"scaling": {"min_replicas": 0, "max_replicas": 2}},
            ["scaling.min_replicas 0 is not to be had from Azure ML, which keeps an instance of every deployment; "
             "write 1, on the smallest instance_type that fits, or take target: kubernetes"],
        ),
        (
            {"endpoint_name": "ab"},
            ["endpoint_name: 'ab' has 2 characters, and an endpoint of Azure ML has 3 to 32; shorten or lengthen it"],
        ),
        (
            {"endpoint_name": "a" * 33},
            [f"endpoint_name: '{'a' * 33}' has 33 characters, and an endpoint of Azure ML has 3 to 32; shorten or "
             "lengthen it"],
        ),
        (
            {"endpoint_name": "shop--prod"},
            ["endpoint_name: 'shop--prod' is no name of an endpoint of Azure ML: lower-case letters, digits and single "
             "hyphens, beginning with a letter and not ending with a hyphen"],
        ),
        (
            {"request": {"timeout_seconds": 200}},
            ["request.timeout_seconds 200 is more than the 180 that a managed endpoint waits; lower it"],
        ),
        (
            {"request": {"max_queue_wait_ms": 100}},
            ["request.max_queue_wait_ms is for arc; a managed endpoint counts the wait into request.timeout_seconds: "
             "delete it"],
        ),
        (
            {"arc": "factory", "instance_type": None, "auth_mode": "aad_token", "egress_public_access": True},
            ["auth_mode aad_token is for managed endpoints; an endpoint on an Arc cluster takes aml_token or key; and "
             "egress_public_access is for managed endpoints, and what pods may call is the cluster's to say; delete "
             "it"],
        ),
        (
            {"auth_mode": "aad"},
            ["auth_mode: 'aad' is not an allowed value; did you mean 'aad_token'? Allowed: aad_token, aml_token, key"],
        ),
        (
            {"entra_only": True, "auth_mode": "key"},
            ["auth_mode is key, and nothing but tokens of Microsoft Entra is admitted (entra_only); write aad_token, "
             "or leave entra_only out"],
        ),
        (
            {"entra_only": True, "arc": "factory", "instance_type": None},
            ["arc factory is a compute whose endpoints take aml_token or key, and nothing but tokens of Microsoft "
             "Entra is admitted (entra_only); serve the model on Azure's machines, or leave entra_only out"],
        ),
        (
            {"arc": "factry", "instance_type": None, "computes": {"factory": [], "depot": []}},
            ["arc: 'factry' is not a compute on an Arc cluster; did you mean 'factory'? Allowed: factory, depot"],
        ),
        (
            {"arc": "factory", "instance_type": None, "computes": {}},
            ["arc: 'factory' is not a compute on an Arc cluster; there is none"],
        ),
        (
            {"arc": "factory", "instance_type": "gpu", "computes": {"factory": ["gpu-small", "cpu"]}},
            ["instance_type: 'gpu' is not an instance type of compute factory; did you mean 'gpu-small'? Allowed: "
             "gpu-small, cpu"],
        ),
        (
            {"auth_mode": "key", "callers": ["2a1b2c3d-4e5f-6789-abcd-ef0123456789"]},
            ["callers are known by aad_token, and auth_mode is key, which whoever has one may use; delete them, or "
             "write aad_token"],
        ),
        (
            {"arc": "edge", "instance_type": None, "callers": ["2a1b2c3d-4e5f-6789-abcd-ef0123456789"]},
            ["callers are known by aad_token, which an endpoint on an Arc cluster does not take; delete them"],
        ),
        (
            {"model_type": "custom_model", "image": None},
            ["versions[0] is a custom_model without an image, and Azure ML has a server only for triton_model and "
             "mlflow_model; name image"],
        ),
        (
            {"env": {"API_TOKEN": "x"}},
            ["env.API_TOKEN: the value is secret, as the name API_TOKEN says; name one of Key Vault in "
             "injected_secrets"],
        ),
        (
            {"env": {"STORE": "x"}, "injected_secrets": {"STORE": {"url": SECRET}}},
            ["env.STORE is in injected_secrets too; delete one of them"],
        ),
        (
            {"injected_secrets": {"STORE": {"url": SECRET.rpartition("/")[0]}}},
            ["injected_secrets.STORE.url: the value must be a secret of Key Vault with its version: "
             "https://<vault>.vault.azure.net/secrets/<name>/<version>"],
        ),
        (
            {"injected_secrets": {"STORE": {"url": SECRET, "vault_id": VAULT.replace("shop", "other")}}},
            ["injected_secrets.STORE.vault_id is of vault other, and its url of shop; correct one of them"],
        ),
        (
            {"arc": "factory", "instance_type": None, "injected_secrets": {"STORE": {"url": SECRET}}},
            ["injected_secrets is for managed endpoints; delete it, and give pods of an Arc cluster the secret by the "
             "cluster's own means"],
        ),
        (
            {"routes": {"scoring_path": "score"}},
            ["routes.scoring_path: 'score' is no path; begin it with /, as in /v2/health/live"],
        ),
        (
            {"data_collection": {"capture_headers": ["x user"], "sampling_percent": 0}},
            ["data_collection.capture_headers[0]: 'x user' is no header's name; allowed are letters, digits and "
             "hyphens, at most 128",
             "data_collection.sampling_percent: must be more than 0, not 0"],
        ),
        (
            {"subscription_id": "mine", "location": "West Europe"},
            ["location: 'West Europe' must be an Azure location in one word, such as westeurope",
             "subscription_id: 'mine' must be a UUID in lower case, such as 0a1b2c3d-4e5f-6789-abcd-ef0123456789"],
        ),
        (
            {"instance_typ": "Standard_DS3_v2", "workspace": None},
            ["instance_typ: 'instance_typ' is not an argument; did you mean 'instance_type'? Allowed: "
             + ", ".join(list(AzureMLEndpointArgs.__annotations__)[:24])
             + f" and {len(AzureMLEndpointArgs.__annotations__) - 24} more",
             "workspace: is missing and has no default; add it"],
        ),
    ],
)  # fmt: skip
def test_what_azure_would_refuse_is_said_in_a_sentence(changes: dict[str, Any], sentences: list[str]) -> None:
    assert said(**changes) == sorted(sentences)


def test_a_size_that_endpoints_do_not_offer_names_the_nearest() -> None:
    [sentence] = said(instance_type="Standard_DS3v2")
    assert sentence.startswith(
        "instance_type: 'Standard_DS3v2' is not a VM size that managed online endpoints offer; did you mean "
        "'Standard_DS3_v2'? Allowed: Standard_"
    )


def test_everything_is_said_at_once() -> None:
    [sentence] = said(
        instance_type="Standard_F4s_v2",
        resources={"gpus": 1},
        version=5,
        scaling={"min_replicas": 0},
        request={"timeout_seconds": 200},
    )
    parts = sentence.split("; and ")
    assert [part.split(" ")[0] for part in parts] == [
        "request.timeout_seconds", "version", "scaling.min_replicas", "instance_type:",
    ]  # fmt: skip


def test_nothing_is_declared_when_something_is_wrong() -> None:
    sentence = refusal(lambda opts: AzureMLEndpoint("sentiment", endpoint_arguments(version=5), opts=opts))
    assert sentence == "AzureMLEndpoint sentiment: version is 5, which is none of versions (3); add it there"


def test_a_version_may_have_a_size_of_its_own() -> None:
    declared = endpoint_declaration(
        "sentiment", endpoint_arguments(versions=[version(3), version(4, instance_type="Standard_F8s_v2")])
    )
    assert [declared.instance_type_of(each) for each in declared.versions] == ["Standard_DS3_v2", "Standard_F8s_v2"]
    [sentence] = said(versions=[version(3, instance_type="Standard_F9s_v2")])
    assert sentence.startswith("versions[0].instance_type: 'Standard_F9s_v2' is not a VM size")


def test_the_cheapest_size_that_fits_is_taken() -> None:
    declared = endpoint_declaration("sentiment", endpoint_arguments(instance_type=None))
    assert declared.instance_type_of(declared.versions[0]) == "Standard_F4s_v2"


@pytest.mark.parametrize(
    ("model", "department", "name"),
    [
        ("sentiment", "shop", "sentiment-shop-prod"),
        ("sentiment-of-reviews", "marketing-and-sales", "sentiment-of-reviews-ma-"),
        ("ab", "cd", "ab-cd-prod"),
    ],
)
def test_an_endpoint_has_a_name_that_azure_takes(model: str, department: str, name: str) -> None:
    ownership = {**endpoint_arguments()["ownership"], "department": department}
    declared = endpoint_declaration("x", endpoint_arguments(model=model, ownership=ownership))
    assert declared.name.startswith(name)
    assert 3 <= len(declared.name) <= 32
    # What the default makes is what may be declared.
    assert AzureML.model_validate({"endpoint_name": declared.name}).endpoint_name == declared.name


def test_the_component_takes_every_key_of_a_model_at_azure_ml() -> None:
    assert set(AzureML.model_fields) <= set(AzureMLEndpointDeclaration.model_fields)
