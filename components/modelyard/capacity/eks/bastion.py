"""A small machine in a private subnet, reached through Systems Manager: a way to a private API without open ports."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from ...governance.logical_name import ROLE_LIMIT, logical_name
from ...governance.ownership import Ownership
from ...governance.partition import partition
from ...governance.policy_document import service_trust
from .launch_template import TAGGED

_INSTANCE_TYPE = "t3.micro"
_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
"""Found when the machine starts; a looked-up id would replace the machine with every new image."""


def bastion(
    name: str,
    *,
    vpc_id: pulumi.Input[str],
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
    cluster_security_group_id: pulumi.Input[str],
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> aws.ec2.Instance:
    """The machine, its role and security group, and the rule that lets it reach the cluster's API.

    It needs a way to Systems Manager: NAT, or the endpoints ssm, ssmmessages and ec2messages.
    """
    child = pulumi.ResourceOptions(parent=parent)
    group = _security_group(name, vpc_id, cluster_security_group_id, region, ownership, child)
    profile, attachment = _instance_profile(name, region, ownership, child)
    tags = ownership.aws_tags(f"{name}-bastion")
    template = aws.ec2.LaunchTemplate(
        f"{name}-bastion",
        image_id=_IMAGE,
        instance_type=_INSTANCE_TYPE,
        update_default_version=True,
        iam_instance_profile={"arn": profile.arn},
        vpc_security_group_ids=[group.id],
        block_device_mappings=[
            {
                "device_name": "/dev/xvda",
                "ebs": {"encrypted": "true", "volume_type": "gp3", "delete_on_termination": "true"},
            }
        ],
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
            "instance_metadata_tags": "disabled",
        },
        tag_specifications=[{"resource_type": kind, "tags": tags} for kind in TAGGED],
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    return aws.ec2.Instance(
        f"{name}-bastion",
        instance_type=_INSTANCE_TYPE,
        launch_template={"id": template.id, "version": template.latest_version.apply(str)},
        subnet_id=pulumi.Output.from_input(subnet_ids).apply(lambda ids: ids[0]),
        region=region,
        tags=tags,
        volume_tags=tags,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[attachment]),
    )


def tunnel_command(instance_id: str, endpoint: str, region: str, port: int) -> str:
    """The command that opens a local port to the cluster's API through the bastion."""
    host = endpoint.removeprefix("https://").rstrip("/")
    return (
        f"aws ssm start-session --region {region} --target {instance_id} "
        "--document-name AWS-StartPortForwardingSessionToRemoteHost "
        f"--parameters host={host},portNumber=443,localPortNumber={port}"
    )


def _security_group(
    name: str,
    vpc_id: pulumi.Input[str],
    cluster_security_group_id: pulumi.Input[str],
    region: str,
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> aws.ec2.SecurityGroup:
    group = aws.ec2.SecurityGroup(
        f"{name}-bastion",
        description="Bastion: nothing comes in",
        vpc_id=vpc_id,
        region=region,
        tags=ownership.aws_tags(f"{name}-bastion"),
        opts=child,
    )
    aws.vpc.SecurityGroupEgressRule(
        f"{name}-bastion",
        security_group_id=group.id,
        description="HTTPS to Systems Manager and the cluster API",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_ipv4="0.0.0.0/0",
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    aws.vpc.SecurityGroupIngressRule(
        f"{name}-bastion-to-api",
        security_group_id=cluster_security_group_id,
        description="Cluster API from the bastion",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        referenced_security_group_id=group.id,
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    return group


def _instance_profile(
    name: str, region: str, ownership: Ownership, child: pulumi.ResourceOptions
) -> tuple[aws.iam.InstanceProfile, aws.iam.RolePolicyAttachment]:
    role = aws.iam.Role(
        logical_name(name, "bastion", limit=ROLE_LIMIT),
        assume_role_policy=service_trust("ec2.amazonaws.com"),
        tags=ownership.aws_tags(),
        opts=child,
    )
    attachment = aws.iam.RolePolicyAttachment(
        f"{name}-bastion",
        role=role.name,
        policy_arn=f"arn:{partition(region)}:iam::aws:policy/AmazonSSMManagedInstanceCore",
        opts=child,
    )
    profile = aws.iam.InstanceProfile(f"{name}-bastion", role=role.name, tags=ownership.aws_tags(), opts=child)
    return profile, attachment
