"""Private ways from a VPC to AWS services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from ..governance.ownership import Ownership
from ..governance.partition import partition

GATEWAY_ENDPOINTS = frozenset({"s3"})
"""Services with a gateway endpoint: routes instead of interfaces, and free."""


def vpc_endpoints(
    name: str,
    *,
    services: Sequence[str],
    vpc_id: pulumi.Input[str],
    vpc_cidr: str,
    subnet_ids: Sequence[pulumi.Input[str]],
    route_table_ids: Mapping[str, pulumi.Input[str]],
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> list[pulumi.Resource]:
    """Gateway endpoints in the route tables, interface endpoints in the subnets behind one security group; with the
    rule that opens it, for who has to wait until all of it works.

    Interface endpoints answer on the service's ordinary name (private DNS), so that nothing needs to be told.
    """
    child = pulumi.ResourceOptions(parent=parent)
    interfaces = [service for service in services if service not in GATEWAY_ENDPOINTS]
    endpoints: list[pulumi.Resource] = [
        aws.ec2.VpcEndpoint(
            f"{name}-{service}",
            vpc_id=vpc_id,
            service_name=service_name(region, service),
            vpc_endpoint_type="Gateway",
            route_table_ids=list(route_table_ids.values()),
            region=region,
            tags=ownership.aws_tags(f"{name}-{service}"),
            opts=child,
        )
        for service in services
        if service in GATEWAY_ENDPOINTS
    ]
    if not interfaces:
        return endpoints
    group, rule = _security_group(name, vpc_id, vpc_cidr, region, ownership, child)
    endpoints.append(rule)
    for service in interfaces:
        endpoint = aws.ec2.VpcEndpoint(
            f"{name}-{service}",
            vpc_id=vpc_id,
            service_name=service_name(region, service),
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=list(subnet_ids),
            security_group_ids=[group.id],
            region=region,
            tags=ownership.aws_tags(f"{name}-{service}"),
            opts=child,
        )
        endpoints.append(endpoint)
    return endpoints


def service_name(region: str, service: str) -> str:
    """``com.amazonaws.<region>.<service>``; China turns the domain round for all but S3's gateway."""
    domain = "cn.com.amazonaws" if partition(region) == "aws-cn" and service != "s3" else "com.amazonaws"
    return f"{domain}.{region}.{service}"


def _security_group(
    name: str,
    vpc_id: pulumi.Input[str],
    vpc_cidr: str,
    region: str,
    ownership: Ownership,
    child: pulumi.ResourceOptions,
) -> tuple[aws.ec2.SecurityGroup, aws.vpc.SecurityGroupIngressRule]:
    group = aws.ec2.SecurityGroup(
        f"{name}-endpoints",
        description=f"HTTPS from {name} to its VPC endpoints",
        vpc_id=vpc_id,
        region=region,
        tags=ownership.aws_tags(f"{name}-endpoints"),
        opts=child,
    )
    rule = aws.vpc.SecurityGroupIngressRule(
        f"{name}-endpoints",
        security_group_id=group.id,
        description="HTTPS from inside the VPC",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_ipv4=vpc_cidr,
        region=region,
        tags=ownership.aws_tags(),
        opts=child,
    )
    return group, rule
