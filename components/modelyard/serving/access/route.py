"""A route with what is asked of its callers, as Pulumi resources."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.environment.access import Access
from modelyard.serving.access.limits import limited
from modelyard.serving.access.resources import declare_access
from modelyard.serving.workload.server import GRPC
from modelyard.serving.workload.workload import Workload


def declare_route(
    name: str,
    workload: Workload,
    route: Mapping[str, Any],
    policy: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
    owned: Sequence[str] = (),
) -> pulumi.Resource:
    """The HTTPRoute, after what callers have to prove and the policies of its traffic: a route is never open, nor
    without its limits, in between. A policy waits at the gateway for a route that is not there yet. Pulumi deletes in
    the other order, the route first.

    Args:
        name: of the resources, for Pulumi.
        workload: of the model; says who may ask, and on which ports its servers speak gRPC.
        route: the HTTPRoute.
        policy: its ``BackendTrafficPolicy``.
        opts: whose parent is the component.
        owned: paths of the HTTPRoute that a controller writes, and Pulumi leaves as they are.
    """
    grpc_ports = {port.number for port in workload.server.ports if port.app_protocol == GRPC}
    return declare_limited(name, workload.access, route, policy, opts, owned=owned, grpc_ports=grpc_ports)


def declare_limited(
    name: str,
    access: Access,
    route: Mapping[str, Any],
    policy: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
    *,
    owned: Sequence[str] = (),
    grpc_ports: Collection[int] = (),
) -> pulumi.Resource:
    """As :func:`declare_route`, of whatever has a route: ``access`` says who may ask, and ``grpc_ports`` which ports of
    its backends speak gRPC."""
    routed, policies = limited(route, policy, access, grpc_ports=grpc_ports)
    closed = declare_access(name, access, routed["metadata"], routed["metadata"]["name"], opts)
    before: list[pulumi.Resource] = [
        *closed,
        *(declare(name if number == 0 else f"{name}-http", each, opts) for number, each in enumerate(policies)),
    ]
    after = pulumi.ResourceOptions(depends_on=before, ignore_changes=list(owned))
    return declare(name, routed, pulumi.ResourceOptions.merge(opts, after))
