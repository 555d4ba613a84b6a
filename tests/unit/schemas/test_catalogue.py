from __future__ import annotations

import re
from typing import Any

import pytest
from modelyard.offline import schemas
from modelyard.offline.schemas import build, catalogue
from modelyard.offline.schemas.cloudformation import read_schemas
from modelyard.offline.schemas.constraints import take_over
from modelyard.offline.schemas.entries import entries, references
from modelyard.offline.schemas.sdk import read_sdk

LARGEST_MB = 3.3
MANAGED = ["aws-native", "azure-native", "gcp"]


@pytest.fixture(scope="module", params=["aws", "docker", "docker-build", "kubernetes", *MANAGED])
def package(request: pytest.FixtureRequest) -> str:
    return request.param


def expressions(stored: dict[str, Any]) -> list[str]:
    return [p if isinstance(p, str) else p[0] for p in stored["properties"].values()]


def test_every_type_loads_and_every_reference_leads_somewhere(package: str) -> None:
    names = list(catalogue.names(package))
    assert len(names) == sum(catalogue.built()["counts"][package][k] for k in ("resources", "nested types"))
    stored = {name: catalogue.entry(package, name) for name in names}
    for name, entry in stored.items():
        assert entry is not None, name
        catalogue.check_of(package, name)
        assert set(references(expressions(dict(entry)))) <= set(stored), name
        assert set(entry.get("required", ())) <= set(entry["properties"]), name
        assert set(entry.get("createOnly", ())) <= set(entry["properties"]), name


def test_every_pattern_is_one_that_python_reads(package: str) -> None:
    for name in catalogue.names(package):
        entry = catalogue.entry(package, name) or {}
        for described in entry["properties"].values():
            if not isinstance(described, str):
                for limits in (described[1], described[1].get("items", {}), described[1].get("keys", {})):
                    re.compile(limits.get("pattern", ""))


def test_nothing_refuses_an_empty_resource_but_for_what_is_missing(package: str) -> None:
    for token in schemas.tokens(package):
        reasons = {p.reason.partition(":")[0] for p in schemas.check(token, {})}
        assert reasons <= {"required property is missing"}, token


def test_the_catalogue_stays_small() -> None:
    size = sum(path.stat().st_size for path in catalogue.FOLDER.rglob("*") if path.is_file())
    assert size < LARGEST_MB * 1_000_000


def test_the_catalogue_is_what_the_installed_sdks_say_today() -> None:
    """Fails when an SDK or cfn-lint was upgraded without building the catalogue again."""
    assert schemas.mismatch() is None
    sdk = read_sdk("aws", frozenset({"budgets", "ecr", "eks", "iam", "kms"}))
    cfn = read_schemas()
    assert catalogue.built()["cloudformation"] == {"cfn-lint": cfn.version, "schemas": cfn.date}
    taken = take_over(sdk, cfn)
    rebuilt = entries(sdk, taken.limits, taken.create_only)
    assert {name: catalogue.entry("aws", name) for name in rebuilt} == rebuilt
    assert "aws:eks/cluster:Cluster" in rebuilt


def test_kubernetes_is_what_the_installed_sdk_says_today() -> None:
    rebuilt = entries(read_sdk("kubernetes"))
    assert {name: catalogue.entry("kubernetes", name) for name in rebuilt} == rebuilt


@pytest.mark.parametrize("package_of_extra", MANAGED)
def test_the_sdks_of_extras_say_the_same_where_they_are_installed(package_of_extra: str) -> None:
    pytest.importorskip(f"pulumi_{package_of_extra.replace('-', '_')}")
    made = build.kept_entries(build.read_kept(package_of_extra))
    assert {name: catalogue.entry(package_of_extra, name) for name in made} == made
    assert set(made) == set(catalogue.names(package_of_extra))


@pytest.mark.parametrize(
    ("token", "inputs", "said"),
    [
        (
            "azure-native:machinelearningservices:OnlineEndpoint",
            {"properties": {"authMode": "Keys"}, "resourceGroupName": "ml", "workspaceName": "ml"},
            ("properties.authMode", "AADToken"),
        ),
        (
            "aws-native:sagemaker:ModelPackage",
            {"tags": [{"key": "department"}]},
            ("tags[0].value", "required property is missing"),
        ),
        (
            "gcp:vertex/aiEndpoint:AiEndpoint",
            {"displayName": "x", "location": "europe-west4", "trafficsplit": "{}"},
            ("trafficsplit", "trafficSplit"),
        ),
        (
            "aws-native:sagemaker:ModelPackage",
            {
                "inferenceSpecification": {
                    "containers": [{"image": "i", "environment": {"LOG_LEVEL": "1"}}],
                    "supportedContentTypes": ["application/json"],
                    "supportedResponseMimeTypes": "application/json",
                }
            },
            ("inferenceSpecification.supportedResponseMimeTypes", "list"),
        ),
    ],
)
def test_inputs_of_managed_endpoints_are_checked(token: str, inputs: dict[str, Any], said: tuple[str, str]) -> None:
    (problem,) = schemas.check(token, inputs)
    assert problem.path == said[0]
    assert said[1] in problem.reason


def test_a_kept_type_that_the_sdk_has_not_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "kept_types", lambda: {"aws-native": {"sagemaker": ["Endpoints"]}})
    with pytest.raises(LookupError, match="the SDK of aws-native has no sagemaker:Endpoints"):
        build.read_kept("aws-native")


@pytest.mark.parametrize(
    ("installed", "said"),
    [
        ({"aws": "{aws}", "kubernetes": "{kubernetes}"}, None),
        ({}, None),
        (
            {"aws": "8.0.0", "kubernetes": "{kubernetes}"},
            "pulumi-aws 8.0.0 is installed, {aws} was read; input checks may be out of date: "
            "run python -m modelyard.offline.schemas.build",
        ),
    ],
)
def test_another_sdk_version_is_told(installed: dict[str, str], said: str | None) -> None:
    built = catalogue.built()["sdks"]
    versions = {package: version.format(**built) for package, version in installed.items()}
    assert schemas.mismatch(versions) == (said.format(**built) if said else None)


def test_modules_that_are_left_out_are_said_to_be() -> None:
    left_out = catalogue.built()["left_out"]["aws"]
    assert "wafv2" in left_out and "eks" not in left_out
    assert not schemas.known("aws:wafv2/webAcl:WebAcl")
