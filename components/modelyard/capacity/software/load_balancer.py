"""The load balancer before the gateway, as each cloud is asked for one: by what a Service of its kind says.

Follows "Network Load Balancer support on AWS" of the Kubernetes documentation (the Service controller that every EKS
cluster has built in), "Create service of type LoadBalancer" of EKS Auto Mode's user guide, "LoadBalancer Service
parameters" of the GKE documentation, and "Use an internal load balancer" and "Use a public standard load balancer" of
the AKS documentation.
"""

from __future__ import annotations

from typing import Any

from ...environment.target import Cloud
from ...governance.ownership import Ownership

_AWS = "service.beta.kubernetes.io/aws-load-balancer"
_AZURE = "service.beta.kubernetes.io/azure"


def load_balancer_service(cloud: Cloud, reach: str, ownership: Ownership, *, auto_mode: bool = False) -> dict[str, Any]:
    """``annotations`` of the Service, and ``loadBalancerClass`` where the cloud needs one.

    Args:
        cloud: whose load balancer it is.
        reach: internal or internet.
        ownership: whose it is, on what the annotations can tag. Forwarding rules of Google Cloud take no label from a
            Service, and an internal load balancer of Azure is part of the cluster's own, which has tags already.
        auto_mode: whether EKS Auto Mode makes load balancers.
    """
    internal = reach == "internal"
    if cloud == "gcp":
        own = {"networking.gke.io/load-balancer-type": "Internal"}
        return {"annotations": own if internal else {"cloud.google.com/l4-rbs": "enabled"}}
    tags = ",".join(f"{key}={value}" for key, value in ownership.aws_tags().items())
    if cloud == "azure":
        own = {f"{_AZURE}-load-balancer-internal": "true"}
        return {"annotations": own if internal else {f"{_AZURE}-pip-tags": tags}}
    if auto_mode:
        return {
            "annotations": {
                f"{_AWS}-scheme": "internal" if internal else "internet-facing",
                f"{_AWS}-attributes": "load_balancing.cross_zone.enabled=true",
                f"{_AWS}-additional-resource-tags": tags,
            },
            "loadBalancerClass": "eks.amazonaws.com/nlb",
        }
    annotations = {
        f"{_AWS}-type": "nlb",
        f"{_AWS}-cross-zone-load-balancing-enabled": "true",
        f"{_AWS}-additional-resource-tags": tags,
    }
    # That controller asks whether the annotation is there and not for its value: an internet-facing one has none.
    if internal:
        annotations[f"{_AWS}-internal"] = "true"
    return {"annotations": annotations}
