"""How Karpenter learns that AWS will take a machine: a queue, and the events that go into it.

Follows "Interruption" of Karpenter's documentation (v1.14). Pods leave a spot machine in the two minutes before it
goes.
"""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from ...governance.logical_name import EVENT_RULE_LIMIT, logical_name
from ...governance.ownership import Ownership
from ...governance.policy_document import policy_document

_RETENTION_SECONDS = 300
"""What is older is no news."""
_EVENTS = {
    "health": ("aws.health", "AWS Health Event"),
    "spot": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
    "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
    "state": ("aws.ec2", "EC2 Instance State-change Notification"),
    "reservation": ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
}


def interruption_queue(
    name: str, *, region: str, ownership: Ownership, parent: pulumi.Resource
) -> tuple[aws.sqs.Queue, list[pulumi.CustomResource]]:
    """The queue, encrypted, and what brings events into it: its policy, rules and their targets."""
    child = pulumi.ResourceOptions(parent=parent)
    queue = aws.sqs.Queue(
        f"{name}-interruptions",
        message_retention_seconds=_RETENTION_SECONDS,
        sqs_managed_sse_enabled=True,
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    policy = aws.sqs.QueuePolicy(
        f"{name}-interruptions",
        queue_url=queue.url,
        policy=queue.arn.apply(_policy),
        region=region,
        opts=child,
    )
    made: list[pulumi.CustomResource] = [policy]
    for event, (source, kind) in _EVENTS.items():
        rule = aws.cloudwatch.EventRule(
            logical_name(name, event, limit=EVENT_RULE_LIMIT),
            description=f"{kind}, for Karpenter",
            event_pattern=json.dumps({"source": [source], "detail-type": [kind]}),
            region=region,
            tags=ownership.aws_tags(),
            opts=child,
        )
        made.append(
            aws.cloudwatch.EventTarget(
                f"{name}-{event}",
                rule=rule.name,
                arn=queue.arn,
                region=region,
                opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
            )
        )
    return queue, made


def _policy(queue_arn: str) -> str:
    return policy_document(
        {
            "Sid": "Events",
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "sqs.amazonaws.com"]},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
        },
        {
            "Sid": "EncryptedOnTheWay",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": queue_arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )
