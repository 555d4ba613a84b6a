"""What the execution role may do: read its own artefact and image, write its own logs, metrics and data, and no more.

Follows "CreateModel API: Execution Role Permissions" of the SageMaker developer guide, narrowed from ``*`` wherever
IAM takes a resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...governance.partition import dns_suffix, partition
from ...governance.policy_document import policy_document

_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[a-z.]+/([^:@]+)([:@].*)?")
_READ_IMAGE = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
_LOG = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
_SEE_NETWORK = [
    "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
]  # fmt: skip
_JOIN_NETWORK = [
    "ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
]  # fmt: skip

_SHELL = [
    "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
]  # fmt: skip
"""What the agent of Systems Manager asks ("Access containers through SSM")."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one endpoint's role has to reach. Plain values: the component fills them in when they are known."""

    region: str
    log_group: str
    artefacts: tuple[str, ...]
    """s3:// URLs: of an object, or of a folder that ends with a slash."""
    images: tuple[str, ...]
    writes: tuple[str, ...] = ()
    """s3:// URLs below which data is put."""
    reads: tuple[str, ...] = ()
    """s3:// URLs below which requests are read."""
    topics: tuple[str, ...] = ()
    """ARNs of SNS topics."""
    artefact_kms_key_arn: str | None = None
    kms_key_arn: str | None = None
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = field(default=())
    secrets: tuple[str, ...] = ()
    """ARNs of secrets that the server reads."""
    secret_keys: tuple[str, ...] = ()
    """ARNs of the keys of one's own that those are encrypted with."""
    core_dumps_key_arn: str | None = None
    ssm_access: bool = False
    """Whether Systems Manager may open a shell in the container."""
    makes_log_group: bool = False
    """Whether the log group is the service's own, which the first job of an account makes."""
    metric_namespaces: tuple[str, ...] = ("AWS/SageMaker", "/aws/sagemaker/Endpoints")


def data_policy(reach: Reach) -> str:
    """What it reads and writes, as the JSON text that IAM takes. It names no account, so that plans can show it."""
    return policy_document(*_artefacts(reach), *_images(reach), *_data(reach), *_secrets(reach), *_keys(reach))


def account_policy(reach: Reach, account_id: str) -> str:
    """What it reaches in its own account: logs, metrics and the network."""
    return policy_document(*_logs(reach, account_id), *_network(reach, account_id), *_shell(reach))


def _artefacts(reach: Reach) -> list[dict[str, Any]]:
    arn = f"arn:{partition(reach.region)}:s3:::"
    places = [_place(url) for url in reach.artefacts]
    objects = _unique(f"{arn}{bucket}/{key}{'*' if key.endswith('/') or not key else ''}" for bucket, key in places)
    found: list[dict[str, Any]] = [
        {"Sid": "ReadArtefact", "Effect": "Allow", "Action": "s3:GetObject", "Resource": objects}
    ]
    for number, (bucket, key) in enumerate(dict.fromkeys((b, k) for b, k in places if k.endswith("/") or not k)):
        found.append(
            {
                "Sid": f"ListArtefact{number or ''}",
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": f"{arn}{bucket}",
                "Condition": {"StringLike": {"s3:prefix": [f"{key}*"]}},
            }
        )
    return found


def _images(reach: Reach) -> list[dict[str, Any]]:
    repositories = _unique(
        f"arn:{partition(match[2])}:ecr:{match[2]}:{match[1]}:repository/{match[3]}"
        for match in map(_IMAGE.fullmatch, reach.images)
        if match is not None
    )
    if not repositories:
        return []
    return [
        {"Sid": "PullImage", "Effect": "Allow", "Action": _READ_IMAGE, "Resource": repositories},
        # IAM takes no resource for it.
        {"Sid": "EnterRegistry", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
    ]


def _logs(reach: Reach, account_id: str) -> list[dict[str, Any]]:
    group = f"arn:{partition(reach.region)}:logs:{reach.region}:{account_id}:log-group:{reach.log_group}"
    log = ["logs:CreateLogGroup", *_LOG] if reach.makes_log_group else _LOG
    return [
        {"Sid": "WriteLogs", "Effect": "Allow", "Action": log, "Resource": [group, f"{group}:*"]},
        {
            "Sid": "WriteMetrics",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": list(reach.metric_namespaces)}},
        },
    ]


def _data(reach: Reach) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    arn = f"arn:{partition(reach.region)}:s3:::"
    for sid, action, urls in (
        ("WriteData", "s3:PutObject", reach.writes),
        ("ReadRequests", "s3:GetObject", reach.reads),
    ):
        below = _unique(f"{arn}{bucket}/{key.rstrip('/')}/*".replace("//", "/") for bucket, key in map(_place, urls))
        if below:
            found.append({"Sid": sid, "Effect": "Allow", "Action": action, "Resource": below})
    if reach.topics:
        found.append({"Sid": "Notify", "Effect": "Allow", "Action": "sns:Publish", "Resource": _unique(reach.topics)})
    return found


def _secrets(reach: Reach) -> list[dict[str, Any]]:
    if not reach.secrets:
        return []
    found: list[dict[str, Any]] = [
        {
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": _unique(reach.secrets),
        }
    ]
    if reach.secret_keys:
        found.append(
            {
                "Sid": "DecryptSecrets",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": _unique(reach.secret_keys),
                "Condition": {"StringLike": {"kms:ViaService": f"secretsmanager.*.{dns_suffix(reach.region)}"}},
            }
        )
    return found


def _shell(reach: Reach) -> list[dict[str, Any]]:
    # IAM takes no resource for them.
    return [{"Sid": "OpenShell", "Effect": "Allow", "Action": _SHELL, "Resource": "*"}] if reach.ssm_access else []


def _keys(reach: Reach) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if reach.artefact_kms_key_arn is not None:
        found.append(
            {
                "Sid": "DecryptArtefact",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": reach.artefact_kms_key_arn,
                "Condition": {"StringLike": {"kms:ViaService": f"s3.*.{dns_suffix(reach.region)}"}},
            }
        )
    if reach.core_dumps_key_arn is not None and reach.core_dumps_key_arn != reach.kms_key_arn:
        found.append(
            {
                "Sid": "EncryptCoreDumps",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                "Resource": reach.core_dumps_key_arn,
            }
        )
    if reach.kms_key_arn is not None:
        key = {"Effect": "Allow", "Resource": reach.kms_key_arn}
        found += [
            {"Sid": "EncryptData", **key, "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]},
            # Volumes are attached by grants that AWS services alone may use.
            {
                "Sid": "EncryptVolume",
                **key,
                "Action": "kms:CreateGrant",
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ]
    return found


def _network(reach: Reach, account_id: str) -> list[dict[str, Any]]:
    if not reach.subnet_ids:
        return []
    arn = f"arn:{partition(reach.region)}:ec2:{reach.region}:{account_id}"
    joined = [
        *(f"{arn}:subnet/{subnet}" for subnet in reach.subnet_ids),
        *(f"{arn}:security-group/{group}" for group in reach.security_group_ids),
        f"{arn}:network-interface/*",
    ]
    return [
        # EC2 takes no resource for what only describes.
        {"Sid": "SeeNetwork", "Effect": "Allow", "Action": _SEE_NETWORK, "Resource": "*"},
        {"Sid": "JoinNetwork", "Effect": "Allow", "Action": _JOIN_NETWORK, "Resource": joined},
    ]


def _place(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key


def _unique(values: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(values))
