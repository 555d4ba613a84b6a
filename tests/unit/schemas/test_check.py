from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import schemas
from modelyard.offline.schemas import Problem

from .resources import AWS, KUBERNETES

REPOSITORY = "aws:ecr/repository:Repository"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"


@pytest.mark.parametrize(("token", "inputs"), [pytest.param(t, i, id=t) for t, i in AWS + KUBERNETES])
def test_a_realistic_resource_is_accepted(token: str, inputs: dict[str, Any]) -> None:
    assert schemas.known(token)
    assert schemas.check(token, inputs) == []


def node_group(**changes: Any) -> dict[str, Any]:
    scaling = {"desiredSize": 1, "minSize": 0, "maxSize": 4}
    return {"clusterName": "c", "nodeRoleArn": "r", "subnetIds": ["s"], "scalingConfig": scaling, **changes}


def deployment(container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    containers = [{"name": "triton", "image": "triton", **(container or {})}]
    pod = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": containers}}
    return {"spec": {"selector": {"matchLabels": {"app": "a"}}, "template": pod, **spec}}


CONTAINER = "spec.template.spec.containers[0]"

BAD: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    (
        "an integer given as text",
        DEPLOYMENT,
        deployment(replicas="3"),
        [("spec.replicas", 'expected an integer, got the text "3"')],
    ),
    (
        "a fraction given for an integer",
        DEPLOYMENT,
        deployment(replicas=2.5),
        [("spec.replicas", "expected an integer, got the number 2.5")],
    ),
    (
        "a boolean given for an integer",
        NODE_GROUP,
        node_group(diskSize=True),
        [("diskSize", "expected an integer, got the boolean true")],
    ),
    (
        "a misspelt property, deep inside",
        DEPLOYMENT,
        deployment({"imag": "triton:24.10"}),
        [(f"{CONTAINER}.imag", 'unknown property "imag"; did you mean "image"?')],
    ),
    (
        "a property in the wrong case",
        REPOSITORY,
        {"imagetagmutability": "IMMUTABLE"},
        [("imagetagmutability", 'unknown property "imagetagmutability"; did you mean "imageTagMutability"?')],
    ),
    (
        "a property that resembles none",
        REPOSITORY,
        {"colour": "red"},
        [
            (
                "colour",
                'unknown property "colour"; allowed: encryptionConfigurations, forceDelete, '
                "imageScanningConfiguration, imageTagMutability, imageTagMutabilityExclusionFilters, name, "
                "region, tags",
            )
        ],
    ),
    (
        "missing properties, one of them nested",
        NODE_GROUP,
        {"clusterName": "c", "nodeRoleArn": "r", "scalingConfig": {"desiredSize": 1, "minSize": 0}},
        [
            ("scalingConfig.maxSize", "required property is missing: give an integer"),
            ("subnetIds", "required property is missing: give a list"),
        ],
    ),
    (
        "a required property that is null",
        "kubernetes:helm.sh/v3:Release",
        {"chart": None},
        [("chart", "required property is missing: give text")],
    ),
    (
        "a value that is no choice",
        REPOSITORY,
        {"imageTagMutability": "IMUTABLE"},
        [
            (
                "imageTagMutability",
                '"IMUTABLE" is not an allowed value; did you mean "IMMUTABLE"? '
                "allowed: IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE, MUTABLE_WITH_EXCLUSION",
            )
        ],
    ),
    (
        "an instance type that no region has",
        NODE_GROUP,
        node_group(instanceTypes=["g6.xlarge", "p4d.24xlarg"]),
        [
            (
                "instanceTypes[1]",
                '"p4d.24xlarg" is not an allowed value; did you mean "p4d.24xlarge"? allowed: a1.2xlarge, a1.4xlarge, '
                "a1.large, a1.medium, a1.metal, a1.xlarge, c1.medium, c1.xlarge, c3.2xlarge, c3.4xlarge, c3.8xlarge, "
                "c3.large and {more} more",
            )
        ],
    ),
    (
        "a number that is no choice",
        "aws:cloudwatch/logGroup:LogGroup",
        {"retentionInDays": 31},
        [
            (
                "retentionInDays",
                "31 is not an allowed value; allowed: 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, "
                "731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
            )
        ],
    ),
    (
        "a name with characters that are not allowed",
        "aws:iam/role:Role",
        {"name": "prod triton", "assumeRolePolicy": "{}"},
        [("name", '"prod triton" does not match the pattern ^[\\w+=,.@-]+$')],
    ),
    (
        "a name that is too long",
        "aws:iam/role:Role",
        {"name": "a" * 65, "assumeRolePolicy": "{}"},
        [("name", f'"{"a" * 59}…" has 65 characters; at most 64 are allowed')],
    ),
    (
        "a name that is too short",
        "aws:s3/bucket:Bucket",
        {"bucket": "ab"},
        [("bucket", '"ab" has 2 characters; at least 3 are needed')],
    ),
    (
        "a number below and one above the range",
        NODE_GROUP,
        node_group(updateConfig={"maxUnavailable": 0, "maxUnavailablePercentage": 101}),
        [
            ("updateConfig.maxUnavailable", "0 is below the minimum 1"),
            ("updateConfig.maxUnavailablePercentage", "101 is above the maximum 100"),
        ],
    ),
    (
        "too few and too many items",
        "aws:ec2/flowLog:FlowLog",
        {"tagFieldSpecifications": []},
        [("tagFieldSpecifications", "has 0 items; at least 1 needed")],
    ),
    (
        "too many items",
        REPOSITORY,
        {"imageTagMutabilityExclusionFilters": [{"filter": f"a{n}", "filterType": "WILDCARD"} for n in range(6)]},
        [("imageTagMutabilityExclusionFilters", "has 6 items; at most 5 allowed")],
    ),
    (
        "an item given twice",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {"vpcId": "v", "subnetIds": ["subnet-1", "subnet-2", "subnet-1"]},
        [("subnetIds", "items 0 and 2 are the same; each may be given once")],
    ),
    (
        "an object where a list belongs",
        REPOSITORY,
        {"encryptionConfigurations": {"encryptionType": "KMS"}},
        [("encryptionConfigurations", "expected a list, got an object")],
    ),
    (
        "a list where an object belongs",
        "aws:eks/cluster:Cluster",
        {"roleArn": "r", "vpcConfig": [{"subnetIds": []}]},
        [("vpcConfig", "expected an object, got a list")],
    ),
    (
        "a tag that is no text",
        REPOSITORY,
        {"tags": {"cost-center": 4100}},
        [("tags.cost-center", "expected text, got the integer 4100")],
    ),
    (
        "a tag that AWS keeps for itself",
        REPOSITORY,
        {"tags": {"aws:department": "x"}},
        [
            (
                'tags["aws:department"]',
                'the key "aws:department" is not a tag key: 1 to 128 characters that do not begin with "aws:"',
            )
        ],
    ),
    (
        "a tag value that this service does not take",
        "aws:iam/role:Role",
        {"assumeRolePolicy": "{}", "tags": {"owner": "R&D"}},
        [("tags.owner", '"R&D" does not match the pattern ^[\\w\\s\\w_.:/=+\\-@]*$')],
    ),
    (
        "a policy that is no JSON",
        "aws:iam/role:Role",
        {"assumeRolePolicy": "{'Version': '2012-10-17'}"},
        [("assumeRolePolicy", "\"{'Version': '2012-10-17'}\" is not a JSON document")],
    ),
    (
        "a network with host bits, and one that is too large",
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.1/16"},
        [
            (
                "cidrBlock",
                '"10.0.0.1/16" is not an IPv4 network from /16 to /28 such as 10.0.0.0/16, without host bits',
            )
        ],
    ),
    (
        "a quantity with the wrong suffix",
        DEPLOYMENT,
        deployment({"resources": {"limits": {"memory": "8GB"}}}),
        [(f"{CONTAINER}.resources.limits.memory", 'expected a quantity such as "500m" or "8Gi", got the text "8GB"')],
    ),
    (
        "half a GPU",
        DEPLOYMENT,
        deployment({"resources": {"limits": {"nvidia.com/gpu": 0.5}}}),
        [(f'{CONTAINER}.resources.limits["nvidia.com/gpu"]', "expected a whole number of devices, got the number 0.5")],
    ),
    (
        "a label value outside the alphabet",
        DEPLOYMENT,
        {"metadata": {"labels": {"modelyard.dev/cost-center": "CC 4100"}}, **deployment()},
        [
            (
                'metadata.labels["modelyard.dev/cost-center"]',
                '"CC 4100" is not a label value: at most 63 letters, digits, "-", "_" and ".", '
                "with a letter or digit at both ends",
            )
        ],
    ),
    (
        "a service's name with a dot",
        "kubernetes:core/v1:Service",
        {"metadata": {"name": "product.tagging"}},
        [
            (
                "metadata.name",
                '"product.tagging" is not a DNS label: at most 63 lower-case letters, digits and "-", '
                "with a letter or digit at both ends",
            )
        ],
    ),
    (
        "another kind's apiVersion",
        DEPLOYMENT,
        {"apiVersion": "apps/v1beta1", **deployment()},
        [("apiVersion", '"apps/v1beta1" is not an allowed value; did you mean "apps/v1"? allowed: apps/v1')],
    ),
    (
        "neither of two types",
        "kubernetes:policy/v1:PodDisruptionBudget",
        {"spec": {"maxUnavailable": [1]}},
        [("spec.maxUnavailable", "expected an integer or text, got a list")],
    ),
    (
        "a custom resource with wrong metadata",
        MONITOR,
        {"kind": "ServiceMonitors", "metadata": {"lables": {}}, "spec": {"anything": 1}},
        [
            (
                "kind",
                '"ServiceMonitors" is not an allowed value; did you mean "ServiceMonitor"? allowed: ServiceMonitor',
            ),
            ("metadata.lables", 'unknown property "lables"; did you mean "labels"?'),
        ],
    ),
    (
        "a provider's setting of the wrong type",
        "pulumi:providers:aws",
        {"region": "us-east-1", "skipCredentialsValidation": '"yes"', "defaultTags": '{"tagz": {}}'},
        [
            ("skipCredentialsValidation", 'expected true or false, got the text "yes"'),
            ("defaultTags.tagz", 'unknown property "tagz"; did you mean "tags"?'),
        ],
    ),
]


@pytest.mark.parametrize(("token", "inputs", "problems"), [pytest.param(*case[1:], id=case[0]) for case in BAD])
def test_all_mistakes_are_told(token: str, inputs: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    found = schemas.check(token, inputs)
    more = len(schemas.catalogue.choices("ec2_instance_types")) - 12
    assert found == [Problem(path, reason.replace("{more}", str(more))) for path, reason in problems]


@pytest.mark.parametrize(
    ("token", "inputs", "problem"),
    [
        (
            DEPLOYMENT,
            deployment({"env": [{"name": "A", "value": Secret(5151)}]}),
            (f"{CONTAINER}.env[0].value", "expected text, got an integer"),
        ),
        (
            REPOSITORY,
            {"imageTagMutability": Secret("hunter2")},
            (
                "imageTagMutability",
                "the value is not an allowed one; allowed: IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE, "
                "MUTABLE_WITH_EXCLUSION",
            ),
        ),
        (
            "aws:iam/role:Role",
            {"assumeRolePolicy": Secret("hunter2")},
            ("assumeRolePolicy", "the value is not a JSON document"),
        ),
        ("aws:s3/bucket:Bucket", {"bucket": Secret("h2")}, ("bucket", "too short; at least 3 are needed")),
        (REPOSITORY, {"tags": Secret({"hunter2": 5})}, ("tags.[secret]", "expected text, got an integer")),
        (
            "kubernetes:core/v1:Secret",
            {"stringData": Secret({"hunter 2": "x"})},
            (
                "stringData.[secret]",
                'a key: the value is not a key of at most 253 letters, digits, "-", "_" and "."',
            ),
        ),
        (
            "aws:eks/cluster:Cluster",
            {"roleArn": "r", "vpcConfig": Secret({"subnetIds": [], "hunter2": 1})},
            (
                "vpcConfig.[secret]",
                "unknown property; allowed: clusterSecurityGroupId, controlPlaneEgressMode, endpointPrivateAccess, "
                "endpointPublicAccess, publicAccessCidrs, securityGroupIds, subnetIds, vpcId",
            ),
        ),
    ],
)
def test_a_secret_is_checked_and_never_told(token: str, inputs: dict[str, Any], problem: tuple[str, str]) -> None:
    assert schemas.check(token, inputs) == [Problem(*problem)]


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
def test_what_only_the_cloud_knows_is_accepted_anywhere(unknown: Any) -> None:
    inputs = node_group(
        clusterName=unknown, scalingConfig=unknown, subnetIds=[unknown, unknown], tags={"a": unknown}, taints=unknown
    )
    assert schemas.check(NODE_GROUP, inputs) == []


@pytest.mark.parametrize(
    ("token", "known"),
    [
        (REPOSITORY, True),
        ("pulumi:providers:aws", True),
        ("pulumi:providers:kubernetes", True),
        (MONITOR, True),
        ("kubernetes:gateway.networking.k8s.io/v1:HTTPRoute", True),
        ("aws:ecr/repositry:Repositry", False),
        ("kubernetes:apps/v1:Deploymnt", False),
        ("kubernetes:networking.k8s.io/v1:NetworkPolic", False),
        ("kubernetes:example/v1:Widget", False),
        ("gcp:container/cluster:Cluster", True),
        ("gcp:sql/databaseInstance:DatabaseInstance", False),
        ("aws:../../secrets:x", False),
        ("", False),
    ],
)
def test_known(token: str, known: bool) -> None:
    assert schemas.known(token) is known


def test_a_type_that_is_not_known_is_not_checked() -> None:
    with pytest.raises(KeyError, match="aws:ecr/repositry:Repositry"):
        schemas.check("aws:ecr/repositry:Repositry", {})


def test_outputs_and_secrets_and_what_replaces() -> None:
    assert schemas.outputs(REPOSITORY)["repositoryUrl"] == "string"
    assert schemas.outputs("aws:eks/nodeGroup:NodeGroup")["resources"] == "[object]"
    assert schemas.outputs(MONITOR)["metadata"] == "@meta/v1/ObjectMetaArgs"
    assert schemas.secret_outputs("kubernetes:core/v1:Secret") == {"data", "stringData"}
    assert schemas.secret_outputs("aws:secretsmanager/secretVersion:SecretVersion") >= {"secretString"}
    assert schemas.create_only(REPOSITORY) == {"name", "encryptionConfigurations", "region"}
    rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    assert schemas.create_only(rule) == {"region", "securityGroupId"}
    assert schemas.create_only("aws:ec2/vpcEndpoint:VpcEndpoint") >= {"vpcId", "serviceName"}
    assert "privateDnsEnabled" not in schemas.create_only("aws:ec2/vpcEndpoint:VpcEndpoint")
    assert "scalingConfig" not in schemas.create_only(NODE_GROUP)
