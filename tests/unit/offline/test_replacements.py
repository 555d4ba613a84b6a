"""What replaces: the reviewed table, and that a new model version leaves each target's endpoint alone."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path
from typing import Any

import pytest
from modelyard.catalog.table import rows
from modelyard.graph import Resource
from modelyard.offline import run, schemas
from modelyard.offline.schemas import catalogue
from modelyard.offline.simulated import SimulatedAws, SimulatedAwsNative, SimulatedAzureNative, SimulatedGcp
from modelyard.offline.simulated.azure_native import resource_path
from modelyard.offline.simulated.replacement import refused, replaced, replacing_paths

from .programs import urn

TABLE = rows("replacements.csv")
PROGRAMS = Path(__file__).parents[2] / "engine" / "programs"
ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
VERTEX = "gcp:vertex/aiEndpoint:AiEndpoint"
COMPONENT = "aws-native:sagemaker:InferenceComponent"
MADE_UP = "x-0123abc"
SDKS = {"sagemaker": "pulumi_aws_native", "vertex": "pulumi_gcp", "azureml": "pulumi_azure_native"}
CONFIGURATION = "aws-native:sagemaker:EndpointConfig"


def test_every_row_says_where_it_is_from() -> None:
    assert len({(row["type"], row["property"]) for row in TABLE}) == len(TABLE)
    for row in TABLE:
        assert row["replaces"] in ("yes", "no", "refused", "unless_wider"), row
        assert row["source"], row
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", row["source_date"]), row


def test_every_row_is_about_something_that_the_sdk_has() -> None:
    for row in TABLE:
        package = catalogue.package_of(row["type"])
        entries = [catalogue.entry(package, row["type"])]
        for part in row["property"].split(".") if row["property"] != "*" else ():
            held = [entry["properties"][part] for entry in entries if entry and part in entry["properties"]]
            assert held, row
            names = [name for each in held for name in re.findall(r"@([^\]}|]+)", str(each))]
            entries = [catalogue.entry(package, name.rstrip("'\",")) for name in names]


@pytest.mark.parametrize("package", ["aws-native", "azure-native", "gcp"])
def test_every_type_of_these_packages_was_reviewed(package: str) -> None:
    types = {token for token in schemas.tokens(package) if not token.startswith("pulumi:")}
    assert types <= {row["type"] for row in TABLE}


def test_what_a_path_of_azure_names_replaces() -> None:
    for token in schemas.tokens("azure-native"):
        path = resource_path(token)
        if path is not None:
            assert {tuple(name.split(".")) for name in path.parameters} <= replacing_paths(token), token


def test_what_cloudformation_cannot_change_replaces() -> None:
    """Of AWS the catalogue knows it from CloudFormation's schemas; the table's rows say the same."""
    listed = {row["type"] for row in TABLE if row["type"].startswith(("aws:", "aws-native:"))}
    for token in listed:
        rows_of = {row["property"] for row in TABLE if row["type"] == token and row["replaces"] == "yes"}
        assert schemas.create_only(token) <= rows_of, token
        assert {name for name in rows_of if "." not in name} <= schemas.create_only(token), token


def test_the_sdk_of_cloud_control_declares_the_same() -> None:
    pytest.importorskip("pulumi_aws_native")
    assert importlib.metadata.version("pulumi-aws-native") == catalogue.built()["sdks"]["aws-native"]
    assert "productionVariants" in schemas.create_only(CONFIGURATION)
    assert schemas.create_only(COMPONENT) == frozenset()


@pytest.mark.parametrize(
    ("token", "old", "new", "replaces"),
    [
        (ENDPOINT, {"properties": {"traffic": {"v1": 100}}}, {"properties": {"traffic": {"v1": 90, "v2": 10}}}, ()),
        (ENDPOINT, {"properties": {"authMode": "Key"}}, {"properties": {"authMode": "AADToken"}}, ()),
        (ENDPOINT, {"endpointName": "a"}, {"endpointName": "b"}, ("endpointName",)),
        (ENDPOINT, {"location": "westeurope"}, {"location": "eastus"}, ("location",)),
        (DEPLOYMENT, {"properties": {"model": "m:1"}}, {"properties": {"model": "m:2"}}, ()),
        (
            DEPLOYMENT,
            {"properties": {"instanceType": "Standard_DS3_v2"}},
            {"properties": {"instanceType": "Standard_DS4_v2"}},
            ("properties",),
        ),
        (VERTEX, {"trafficSplit": '{"1": 100}'}, {"trafficSplit": '{"2": 100}'}, ()),
        (VERTEX, {"labels": {"a": "b"}}, {}, ()),
        (VERTEX, {"network": "a"}, {"network": "b"}, ("network",)),
        (
            VERTEX,
            {"privateServiceConnectConfig": {"enablePrivateServiceConnect": True, "projectAllowlists": ["a"]}},
            {"privateServiceConnectConfig": {"enablePrivateServiceConnect": True, "projectAllowlists": ["b"]}},
            (),
        ),
        (COMPONENT, {"specification": {"modelName": "a"}}, {"specification": {"modelName": "b"}}, ()),
        (
            CONFIGURATION,
            {"productionVariants": [{"modelName": "a"}]},
            {"productionVariants": []},
            ("productionVariants",),
        ),
        ("aws:sagemaker/endpoint:Endpoint", {"endpointConfigName": "a"}, {"endpointConfigName": "b"}, ()),
        (
            "azure-native:keyvault:AccessPolicy",
            {"policy": {"objectId": "a", "permissions": {}}},
            {"policy": {"objectId": "b", "permissions": {}}},
            ("policy",),
        ),
    ],
)
def test_what_a_change_replaces(
    token: str, old: dict[str, Any], new: dict[str, Any], replaces: tuple[str, ...]
) -> None:
    assert replaced(token, new, old) == replaces
    assert replaced(token, old, old) == ()


@pytest.mark.parametrize(
    ("token", "old", "new", "delete_first"),
    [
        # The name was made up: another can be there beside it.
        (
            CONFIGURATION,
            {"endpointConfigName": "x-0123abc"},
            {"endpointConfigName": "x-0123abc", "kmsKeyId": "k"},
            False,
        ),
        (CONFIGURATION, {"endpointConfigName": "prod"}, {"endpointConfigName": "prod", "kmsKeyId": "k"}, True),
        (CONFIGURATION, {"endpointConfigName": "prod"}, {"endpointConfigName": "next"}, False),
        (ENDPOINT, {"endpointName": "a", "location": "westeurope"}, {"endpointName": "a", "location": "eastus"}, True),
        # In another workspace the same name is another id.
        (ENDPOINT, {"endpointName": "a", "workspaceName": "w"}, {"endpointName": "a", "workspaceName": "v"}, False),
        (VERTEX, {"name": "1234567890", "network": "a"}, {"name": "1234567890", "network": "b"}, True),
    ],
)
def test_which_goes_first(token: str, old: dict[str, Any], new: dict[str, Any], delete_first: bool) -> None:
    providers = {"aws-native": SimulatedAwsNative, "azure-native": SimulatedAzureNative, "gcp": SimulatedGcp}
    difference = providers[catalogue.package_of(token)]({}).diff(token, urn(token, "x"), new, old)
    assert difference.replace
    assert difference.delete_first is delete_first


@pytest.mark.parametrize(
    ("program", "endpoint", "provider"),
    [
        ("sagemaker", "aws:sagemaker/endpoint:Endpoint", SimulatedAws({"region": "us-east-1"})),
        ("vertex", VERTEX, SimulatedGcp({})),
        ("azureml", ENDPOINT, SimulatedAzureNative({})),
    ],
)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"stable": "1"}, {"stable": "2"}),
        ({"stable": "1"}, {"stable": "1", "canary": "2", "percent": "10"}),
        ({"stable": "1", "canary": "2", "percent": "50"}, {"stable": "2"}),
        ({"stable": "2"}, {"stable": "1"}),
    ],
    ids=["new version", "canary", "promotion", "back"],
)
def test_a_model_version_never_replaces_the_endpoint(
    program: str, endpoint: str, provider: Any, before: dict[str, str], after: dict[str, str]
) -> None:
    old, new = only(program, endpoint, before), only(program, endpoint, after)
    assert old.urn == new.urn
    assert provider.diff(endpoint, new.urn, new.inputs, old.inputs).replace == ()


@pytest.mark.parametrize("kind", ["serverless", "async", "inference_components"])
def test_no_kind_of_sagemakers_endpoints_is_replaced_by_a_version(kind: str) -> None:
    type_ = "aws:sagemaker/endpoint:Endpoint"
    old, new = (only("sagemaker", type_, {"stable": version, "kind": kind}) for version in "12")
    assert SimulatedAws({}).diff(type_, new.urn, new.inputs, old.inputs).replace == ()
    configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    old, new = (only("sagemaker", configuration, {"stable": version, "kind": kind}) for version in "12")
    difference = SimulatedAws({}).diff(configuration, new.urn, new.inputs, old.inputs)
    # Components name their model themselves; otherwise the configuration does, and another is there before it goes.
    assert difference.replace == (() if kind == "inference_components" else ("productionVariants",))
    assert not difference.delete_first


def test_an_inference_component_takes_another_model_in_place() -> None:
    old, new = (only("sagemaker", COMPONENT, {"stable": version, "kind": "inference_components"}) for version in "12")
    difference = SimulatedAwsNative({}).diff(COMPONENT, new.urn, new.inputs, old.inputs)
    assert (difference.changed, difference.replace) == (("specification",), ())


def only(program: str, type_: str, config: dict[str, str]) -> Resource:
    """The resource of that type, as the program declares it."""
    pytest.importorskip(
        {"sagemaker": "pulumi_aws_native", "vertex": "pulumi_gcp", "azureml": "pulumi_azure_native"}[program]
    )
    settings = {f"{program}:{key}": value for key, value in config.items()}
    declared = run(PROGRAMS / program, project=program, stack="dev", config=settings, mode="up")
    (found,) = declared.graph.of_type(type_)
    return found


@pytest.mark.parametrize(
    ("new", "old", "replacing"),
    [
        ("10.20.0.0/16", "10.20.0.0/16", ()),
        ("10.20.0.0/16", "10.20.0.0/20", ()),
        ("10.20.0.0/20", "10.20.0.0/16", ("ipCidrRange",)),
        ("10.24.0.0/16", "10.20.0.0/16", ("ipCidrRange",)),
    ],
)
def test_a_subnetwork_of_google_cloud_can_only_grow(new: str, old: str, replacing: tuple[str, ...]) -> None:
    found = replaced("gcp:compute/subnetwork:Subnetwork", {"ipCidrRange": new}, {"ipCidrRange": old})
    assert found == replacing


@pytest.mark.parametrize(
    ("token", "before", "now", "told"),
    [
        ("containerregistry:Registry", {}, {"encryption": {"status": "enabled"}}, ("encryption.status",)),
        (
            "storage:StorageAccount",
            {"immutableStorageWithVersioning": {"enabled": True}},
            {},
            ("immutableStorageWithVersioning.enabled",),
        ),
        (
            "storage:StorageAccount",
            {"immutableStorageWithVersioning": {"enabled": True, "immutabilityPolicy": {"state": "Unlocked"}}},
            {"immutableStorageWithVersioning": {"enabled": True, "immutabilityPolicy": {"state": "Locked"}}},
            (),
        ),
    ],
)
def test_what_azure_decides_when_something_is_made_is_refused_later(
    token: str, before: dict[str, Any], now: dict[str, Any], told: tuple[str, ...]
) -> None:
    assert refused(f"azure-native:{token}", now, before) == told
