"""What AWS's own documentation shows as right has to be accepted: its examples and its enum constants."""

from __future__ import annotations

import pytest
from modelyard.offline import schemas
from modelyard.offline.schemas import catalogue
from modelyard.offline.schemas.sdk import Sdk, read_sdk

from .documentation import documented_inputs

PLATFORM = frozenset(
    {
        "acm",
        "amp",
        "autoscaling",
        "budgets",
        "cloudwatch",
        "ec2",
        "ecr",
        "efs",
        "eks",
        "grafana",
        "iam",
        "kms",
        "lambda",
        "lb",
    }
    | {"route53", "s3", "sagemaker", "scheduler", "secretsmanager", "sfn", "sns", "sqs", "ssm", "vpc"}
)

NOT_ABOUT_VALUES = ("required property is missing", "unknown property")
"""Some pages leave out what another part of them shows, or name what the resource no longer has."""

REALLY_WRONG = {
    "aws:cloudwatch/eventConnection:EventConnection": "an account number of eleven digits",
    "aws:ec2/route:Route": "a network with host bits",
    "aws:route53/trafficPolicyInstance:TrafficPolicyInstance": "a letter that is no hexadecimal digit",
}


@pytest.fixture(scope="module")
def sdk() -> Sdk:
    return read_sdk("aws", PLATFORM)


def test_no_documented_example_is_refused_for_its_values(sdk: Sdk) -> None:
    examples = list(documented_inputs(sdk))
    refused = [
        (token, problem.path, problem.reason)
        for token, inputs in examples
        for problem in schemas.check(token, inputs)
        if not problem.reason.startswith(NOT_ABOUT_VALUES)
    ]
    assert [r for r in refused if r[0] not in REALLY_WRONG] == []
    assert {token for token, _, _ in refused} == set(REALLY_WRONG)
    assert len(examples) > 1000


def test_no_enum_constant_of_the_sdk_is_refused(sdk: Sdk) -> None:
    checked = 0
    shapes = sdk.types | {token: resource.inputs for token, resource in sdk.resources.items()}
    for name, shape in shapes.items():
        stored = catalogue.entry("aws", name)
        for prop, values in shape.enums.items():
            if stored is not None and prop in stored["properties"]:
                check = catalogue.check_of("aws", name)
                listed = shape.properties[prop].startswith("[")
                given = [{prop: [value] if listed else value} for value in values]
                faults = [f for inputs in given for f in check(inputs) or [] if f.path[0] == prop]
                assert faults == [], (name, prop)
                checked += len(values)
    assert checked > 1000
