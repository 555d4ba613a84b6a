"""What the internet can reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from modelyard.graph import UNKNOWN
from pulumi_policy import ResourceValidationArgs

from modelyard_policies.clusters import open_to_the_world
from modelyard_policies.inputs import elements, is_true, listed, read, require, shown, whole
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import ResourceRule

SERVICE: Final = "kubernetes:core/v1:Service"
LOAD_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
SECURITY_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
SECURITY_GROUP_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_ENVOY_PROXIES: Final = ResourceTypes("kubernetes:gateway.envoyproxy.io/*:EnvoyProxy")
_ANNOTATION: Final = "service.beta.kubernetes.io/aws-load-balancer-"
_GOOGLE_ANNOTATION: Final = "networking.gke.io/load-balancer-type"
_GOOGLE_OLD_ANNOTATION: Final = "cloud.google.com/load-balancer-type"
_AZURE_ANNOTATION: Final = "service.beta.kubernetes.io/azure-load-balancer-internal"
_ADVICE: Final = (
    f"annotate it with {_ANNOTATION}scheme: internal (on GKE {_GOOGLE_ANNOTATION}: Internal, on AKS "
    f'{_AZURE_ANNOTATION}: "true"), or name the networks that may connect in loadBalancerSourceRanges'
)


def rules() -> list[ResourceRule]:
    return [
        ResourceRule(
            "no-load-balancer-open",
            "No load balancer accepts connections from the whole internet.",
            types=ResourceTypes(SERVICE, LOAD_BALANCER) | _ENVOY_PROXIES,
            check=_load_balancer,
        ),
        ResourceRule(
            "security-group-not-open",
            "No security group lets the whole internet in, except to the ports that are meant for it.",
            types=ResourceTypes(SECURITY_GROUP, SECURITY_GROUP_RULE, INGRESS_RULE),
            check=_security_group,
            settings={"open_ports": {"type": "array", "items": {"type": "integer"}}},
        ),
    ]


def _load_balancer(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == LOAD_BALANCER:
        if not is_true(require(args.props, "internal")):
            yield (
                "internal is not true, so the load balancer has public addresses; set internal to true, or put the "
                "gateway in front of it."
            )
    elif args.resource_type == SERVICE:
        if require(args.props, "spec", "type") == "LoadBalancer":
            yield from _service("the Service", read(args.props, "metadata", "annotations"), read(args.props, "spec"))
    else:
        service = read(args.props, "spec", "provider", "kubernetes", "envoyService")
        if require(service, "type", default="LoadBalancer") == "LoadBalancer":
            yield from _service("the gateway's envoyService", read(service, "annotations"), service)


def _service(title: str, annotations: Any, spec: Any) -> Iterator[str]:
    scheme = require(annotations, _ANNOTATION + "scheme")
    if scheme == "internal" or is_true(require(annotations, _ANNOTATION + "internal")):
        return
    if any(require(annotations, key) == "Internal" for key in (_GOOGLE_ANNOTATION, _GOOGLE_OLD_ANNOTATION)):
        return
    if is_true(require(annotations, _AZURE_ANNOTATION)):
        return
    ranges = list(elements(require(spec, "loadBalancerSourceRanges")))
    if not ranges:
        yield f"{title} asks for a load balancer with public addresses; {_ADVICE}."
    wide = [cidr for cidr in ranges if open_to_the_world(cidr)]
    if wide:
        yield f"{title} asks for a load balancer that lets in {listed(wide)}; {_ADVICE}."


def _security_group(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == SECURITY_GROUP:
        for position, rule in enumerate(elements(require(args.props, "ingress"))):
            cidrs = [*elements(read(rule, "cidrBlocks")), *elements(read(rule, "ipv6CidrBlocks"))]
            yield from _opening(args, f"ingress[{position}]", rule, cidrs)
    elif args.resource_type == INGRESS_RULE:
        cidrs = [require(args.props, "cidrIpv4"), require(args.props, "cidrIpv6")]
        yield from _opening(args, "the rule", args.props, cidrs)
    elif require(args.props, "type") == "ingress":
        cidrs = [
            *elements(require(args.props, "cidrBlocks")),
            *elements(require(args.props, "ipv6CidrBlocks")),
        ]
        yield from _opening(args, "the rule", args.props, cidrs)


def _opening(args: ResourceValidationArgs, title: str, rule: Any, cidrs: list[Any]) -> Iterator[str]:
    wide = [cidr for cidr in cidrs if open_to_the_world(cidr)]
    if not wide:
        return
    open_ports = [whole(port) for port in args.get_config().get("open_ports", (443,))]
    first, last = read(rule, "fromPort"), read(rule, "toPort")
    if first is not UNKNOWN and first == last and whole(first) in open_ports:
        return
    ports = f"ports {shown(first)} to {shown(last)}" if first is not None else "every port"
    yield (
        f"{title} lets {listed(wide)} reach {ports}; name the networks that need it "
        f"(open to everybody may be: {listed(open_ports)})."
    )
