"""no-load-balancer-open and security-group-not-open."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource

from .recorded import messages, resource

SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"
INTERNAL = "service.beta.kubernetes.io/aws-load-balancer-internal"
GOOGLE = "networking.gke.io/load-balancer-type"
AZURE = "service.beta.kubernetes.io/azure-load-balancer-internal"
ADVICE = (
    f'annotate it with {SCHEME}: internal (on GKE {GOOGLE}: Internal, on AKS {AZURE}: "true"), or name the networks '
    "that may connect in loadBalancerSourceRanges."
)
PUBLIC = f"the Service asks for a load balancer with public addresses; {ADVICE}"


def service(annotations: dict[str, str] | None = None, **spec: Any) -> Resource:
    inputs = {"metadata": {"annotations": annotations or {}}, "spec": {"type": "LoadBalancer", **spec}}
    return resource("kubernetes:core/v1:Service", inputs)


def gateway(**envoy_service: Any) -> Resource:
    inputs = {"spec": {"provider": {"type": "Kubernetes", "kubernetes": {"envoyService": envoy_service}}}}
    return resource("kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy", inputs)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (service({SCHEME: "internal"}), []),
        (service({INTERNAL: "true"}), []),
        (service(type="ClusterIP"), []),
        (service(loadBalancerSourceRanges=["203.0.113.0/24"]), []),
        (service(), [PUBLIC]),
        (service({SCHEME: "internet-facing"}), [PUBLIC]),
        (service({INTERNAL: "false"}), [PUBLIC]),
        (
            service(loadBalancerSourceRanges=["203.0.113.0/24", "0.0.0.0/0"]),
            [f"the Service asks for a load balancer that lets in '0.0.0.0/0'; {ADVICE}"],
        ),
        (gateway(annotations={SCHEME: "internal"}), []),
        (gateway(annotations={GOOGLE: "Internal"}), []),
        (gateway(annotations={AZURE: "true"}), []),
        (
            gateway(annotations={AZURE: "false"}),
            [f"the gateway's envoyService asks for a load balancer with public addresses; {ADVICE}"],
        ),
        (gateway(type="ClusterIP"), []),
        (gateway(), [f"the gateway's envoyService asks for a load balancer with public addresses; {ADVICE}"]),
        (resource("aws:lb/loadBalancer:LoadBalancer", {"internal": True}), []),
        (
            resource("aws:lb/loadBalancer:LoadBalancer", {}),
            [
                "internal is not true, so the load balancer has public addresses; set internal to true, or put the "
                "gateway in front of it."
            ],
        ),
    ],
)
def test_no_load_balancer_open(found: Resource, expected: list[str]) -> None:
    assert messages("no-load-balancer-open", found) == expected


GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (resource(GROUP, {}), []),
        (resource(GROUP, {"ingress": [{"cidrBlocks": ["10.0.0.0/8"], "fromPort": 0, "toPort": 0}]}), []),
        (resource(GROUP, {"ingress": [{"cidrBlocks": ["0.0.0.0/0"], "fromPort": 443.0, "toPort": 443.0}]}), []),
        (resource(GROUP, {"egress": [{"cidrBlocks": ["0.0.0.0/0"], "fromPort": 0, "toPort": 0}]}), []),
        (
            resource(
                GROUP,
                {
                    "ingress": [
                        {"cidrBlocks": ["10.0.0.0/8"], "fromPort": 22, "toPort": 22},
                        {"ipv6CidrBlocks": ["::/0"], "fromPort": 22.0, "toPort": 22.0},
                    ]
                },
            ),
            [
                "ingress[1] lets '::/0' reach ports 22 to 22; name the networks that need it (open to everybody may "
                "be: 443)."
            ],
        ),
        (resource(RULE, {"type": "egress", "cidrBlocks": ["0.0.0.0/0"], "fromPort": 0, "toPort": 0}), []),
        (
            resource(RULE, {"type": "ingress", "cidrBlocks": ["0.0.0.0/0"], "fromPort": 0, "toPort": 65535}),
            [
                "the rule lets '0.0.0.0/0' reach ports 0 to 65535; name the networks that need it (open to everybody "
                "may be: 443)."
            ],
        ),
        (resource(INGRESS, {"referencedSecurityGroupId": UNKNOWN, "ipProtocol": "-1"}), []),
        (
            resource(INGRESS, {"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"}),
            [
                "the rule lets '0.0.0.0/0' reach every port; name the networks that need it (open to everybody may "
                "be: 443)."
            ],
        ),
    ],
)
def test_security_group_not_open(found: Resource, expected: list[str]) -> None:
    assert messages("security-group-not-open", found) == expected


def test_the_open_ports_are_configurable() -> None:
    found = resource(INGRESS, {"cidrIpv4": "0.0.0.0/0", "fromPort": 80, "toPort": 80, "ipProtocol": "tcp"})
    assert len(messages("security-group-not-open", found)) == 1
    assert messages("security-group-not-open", found, settings={"open_ports": [80.0, 443.0]}) == []
