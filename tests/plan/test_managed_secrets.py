"""Secrets of a cloud's own that YAML names: who may read them, and what the variable holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .managed_project import SENTIMENT, of_type, planned
from .test_managed_targets import TARGETS, only_cloud

AWS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:toys/feature-store-AbCdEf"
GOOGLE = "projects/northwind-prod/secrets/feature-store"
VAULT = (
    "/subscriptions/0a1b2c3d-4e5f-6789-abcd-ef0123456789/resourceGroups/toys/providers/Microsoft.KeyVault/vaults/toys"
)
AZURE = "https://toys.vault.azure.net/secrets/feature-store/0123456789abcdef0123456789abcdef"
DECLARED: dict[str, dict[str, Any]] = {
    "sagemaker": {"instance_type": "ml.m5.large", "readable_secrets": {"FEATURES": {"arn": AWS}}},
    "vertex": {"readable_secrets": {"FEATURES": GOOGLE}},
    "azureml": {
        "instance_type": "Standard_DS3_v2",
        "injected_secrets": {"FEATURES": {"url": AZURE, "vault_id": VAULT}},
    },
}


def declared(target: str) -> dict[str, Any]:
    return {**SENTIMENT, **TARGETS[target], target: DECLARED[target]}


def test_sagemakers_role_reads_that_secret_and_the_variable_holds_its_arn(tmp_path: Path) -> None:
    document = planned(tmp_path, declared("sagemaker"), platform=only_cloud("sagemaker"))
    (model,) = of_type(document, "aws:sagemaker/model:Model")
    assert model.inputs["primaryContainer"]["environment"]["FEATURES"] == AWS


def test_vertex_ais_account_reads_that_secret_and_the_variable_holds_its_name(tmp_path: Path) -> None:
    pytest.importorskip("pulumi_gcp")
    document = planned(tmp_path, declared("vertex"), platform=only_cloud("vertex"))
    (model,) = of_type(document, "pulumi-python:dynamic/vertex:Model")
    assert model.inputs["containerSpec"]["env"] == [{"name": "FEATURES", "value": GOOGLE}]
    (right,) = of_type(document, "gcp:secretmanager/secretIamMember:SecretIamMember")
    assert (right.inputs["secretId"], right.inputs["project"]) == ("feature-store", "northwind-prod")


def test_azure_mls_identity_reads_that_secret_and_azure_fills_the_variable(tmp_path: Path) -> None:
    pytest.importorskip("pulumi_azure_native")
    document = planned(tmp_path, declared("azureml"), platform=only_cloud("azureml"))
    (made,) = of_type(document, "azure-native:machinelearningservices:OnlineDeployment")
    assert made.inputs["properties"]["environmentVariables"]["FEATURES"] == f"${{{{keyvault:{AZURE}}}}}"
    scopes = [each.inputs["scope"] for each in of_type(document, "azure-native:authorization:RoleAssignment")]
    assert f"{VAULT}/secrets/feature-store" in scopes


@pytest.mark.parametrize("tier", ["prod", "dev"])
def test_a_shell_in_production_is_told(tmp_path: Path, tier: str) -> None:
    model = {**SENTIMENT, **TARGETS["sagemaker"], "sagemaker": {"instance_type": "ml.m5.large", "ssm_access": True}}
    document = planned(tmp_path, model, platform={**only_cloud("sagemaker"), "tier": tier})
    told = [notice for notice in document.notices if "ssm_access" in notice]
    assert told == (
        [
            "model 'sentiment' lets a shell be opened in its containers (sagemaker.ssm_access), which AWS advises "
            "against in production: its instances are patched a day later"
        ]
        if tier == "prod"
        else []
    )
