"""Flow logs of a VPC: who talked to whom, kept in CloudWatch under a key of their own."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ..environment.network import FlowLogs
from ..governance.encryption_key import encryption_key
from ..governance.logical_name import ROLE_LIMIT, logical_name
from ..governance.ownership import Ownership
from ..governance.policy_document import policy_document, service_trust

_AGGREGATION_SECONDS = 600


def flow_logs(
    name: str,
    *,
    declared: FlowLogs,
    vpc_id: pulumi.Input[str],
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> aws.ec2.FlowLog:
    """Key, log group ``/modelyard/<name>/flow-logs``, the role that writes to it, and the flow log.

    Follows "Publish flow logs to CloudWatch Logs" of the VPC user guide.
    """
    child = pulumi.ResourceOptions(parent=parent)
    account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(parent=parent)).account_id
    group_prefix = f"/modelyard/{name}/"
    key = encryption_key(
        f"{name}-flow-logs",
        purpose=f"Flow logs of {name}",
        region=region,
        account_id=account_id,
        ownership=ownership,
        log_group_prefix=group_prefix,
        opts=child,
    )
    group = aws.cloudwatch.LogGroup(
        f"{name}-flow-logs",
        name=f"{group_prefix}flow-logs",
        retention_in_days=declared.retention_days,
        kms_key_id=key.arn,
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    role = aws.iam.Role(
        logical_name(name, "flow-logs", limit=ROLE_LIMIT),
        assume_role_policy=account_id.apply(lambda account: service_trust("vpc-flow-logs.amazonaws.com", account)),
        tags=ownership.aws_tags(),
        opts=child,
    )
    policy = aws.iam.RolePolicy(
        f"{name}-flow-logs",
        role=role.name,
        policy=group.arn.apply(
            lambda arn: policy_document(
                {
                    "Effect": "Allow",
                    "Action": [
                        "logs:CreateLogStream",
                        "logs:PutLogEvents",
                        "logs:DescribeLogGroups",
                        "logs:DescribeLogStreams",
                    ],
                    "Resource": [arn, f"{arn}:*"],
                }
            )
        ),
        opts=child,
    )
    return aws.ec2.FlowLog(
        f"{name}-flow-logs",
        vpc_id=vpc_id,
        traffic_type=declared.traffic,
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=_AGGREGATION_SECONDS,
        region=region,
        tags=ownership.aws_tags(f"{name}-flow-logs"),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
    )
