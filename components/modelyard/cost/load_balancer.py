"""Load balancers: declared ones, and those that Kubernetes objects make the cloud start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from modelyard.cost.bill import Bill
from modelyard.cost.cluster_region import place_of_object
from modelyard.graph import Resource
from modelyard.placement.reading import at, items, mapping, text, texts

_ENVOY_PROXY = "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy"
_TYPE_ANNOTATION = "service.beta.kubernetes.io/aws-load-balancer-type"
_NETWORK_TYPES = ("external", "nlb", "nlb-ip")
_NETWORK_CLASSES = ("service.k8s.aws/nlb", "eks.amazonaws.com/nlb")
GOOGLE_TYPE = "networking.gke.io/load-balancer-type"
AZURE_INTERNAL = "service.beta.kubernetes.io/azure-load-balancer-internal"
_GOOGLE, _AZURE = "Cloud Load Balancing", "Load Balancer"
_GB = "load_balancer_gb_per_month"
_KINDS = {
    "application": ("Application Load Balancer", "LCU-hour"),
    "network": ("Network Load Balancer", "NLCU-hour"),
}


def charge_load_balancer(bill: Bill, resource: Resource) -> None:
    _charge(bill, resource, text(resource.inputs.get("loadBalancerType")) or "application", None)


def charge_service(bill: Bill, resource: Resource) -> None:
    """A Kubernetes Service: one load balancer where its type is LoadBalancer."""
    spec = mapping(resource.inputs.get("spec"))
    if text(spec.get("type")) == "LoadBalancer":
        _from_service(bill, resource, texts(at(resource.inputs, "metadata", "annotations")), spec)


def charge_gateway(bill: Bill, resource: Resource) -> None:
    """A Gateway API Gateway: its controller starts one Service, of type LoadBalancer unless an EnvoyProxy says not."""
    proxies = [each for each in bill.graph.of_type(_ENVOY_PROXY) if each.provider == resource.provider]
    services = [mapping(at(each.inputs, "spec", "provider", "kubernetes", "envoyService")) for each in proxies]
    service = services[0] if services else {}
    if text(service.get("type")) not in ("ClusterIP", "NodePort"):
        declared = texts(at(resource.inputs, "spec", "infrastructure", "annotations"))
        _from_service(bill, resource, {**texts(service.get("annotations")), **declared}, service)


def charge_ingress(bill: Bill, resource: Resource) -> None:
    """An Ingress of class ``alb``: one Application Load Balancer. Other classes use a Service of their own."""
    if text(at(resource.inputs, "spec", "ingressClassName")) == "alb":
        _charge(bill, resource, "application", place_of_object(resource, bill.graph)[1])


def charge_chart(bill: Bill, resource: Resource) -> None:
    """A Helm release: load balancers and volumes that its values ask for."""
    values = resource.inputs.get("values")
    for service in _balanced_services(values):
        _from_service(bill, resource, texts(service.get("annotations")), service)
    bill.findings.note("of Helm charts only what their values ask for is priced: load balancers and volumes")


def _from_service(bill: Bill, resource: Resource, annotations: Mapping[str, str], spec: Mapping[str, Any]) -> None:
    cloud, region = place_of_object(resource, bill.graph)
    if cloud == "gcp":
        _google(bill, resource, region, internal=annotations.get(GOOGLE_TYPE) == "Internal")
    elif cloud == "azure":
        _azure(bill, resource, region, internal=annotations.get(AZURE_INTERNAL) == "true")
    else:
        network = annotations.get(_TYPE_ANNOTATION) in _NETWORK_TYPES
        network = network or text(spec.get("loadBalancerClass")) in _NETWORK_CLASSES
        _charge(bill, resource, "network" if network else "classic", region)


def _google(bill: Bill, resource: Resource, region: str | None, *, internal: bool) -> None:
    """A passthrough network load balancer: one forwarding rule, and the data that it lets in."""
    where = "internal" if internal else "external"
    words = f"forwarding rule of its {where} load balancer"
    bill.item(resource, words, _GOOGLE, "First 5 forwarding rules", "hour", bill.hours, region=region, cloud="gcp")
    what = f"data through its {where} load balancer"
    bill.usage(resource, what, _GOOGLE, "data processed", "GiB", _GB, Decimal(1), region=region, cloud="gcp")


def _azure(bill: Bill, resource: Resource, region: str | None, *, internal: bool) -> None:
    """The cluster has one standard load balancer for its internal and one for its public Services; each Service is
    counted as if it had its own, since the first five rules cost alike."""
    where = "internal" if internal else "public"
    sku = "Standard, first 5 rules included"
    bill.item(resource, f"{where} load balancer", _AZURE, sku, "hour", bill.hours, region=region, cloud="azure")
    sku = "data processed, Standard"
    what = f"data through its {where} load balancer"
    bill.usage(resource, what, _AZURE, sku, "GB", _GB, Decimal(1), region=region, cloud="azure")
    if not internal:
        sku = "static, regional"
        bill.item(resource, "public address", "Public IP", sku, "hour", bill.hours, region=region, cloud="azure")


def _charge(bill: Bill, resource: Resource, kind: str, region: str | None) -> None:
    if kind not in _KINDS:
        bill.unpriced(resource, f"{kind} load balancer", f"the catalog has no price of a {kind} load balancer")
        return
    service, unit = _KINDS[kind]
    bill.item(resource, service, service, "load balancer", "hour", bill.hours, region=region)
    what = f"capacity units of its {service}"
    declared = "load_balancer_capacity_units"
    bill.usage(resource, what, service, "capacity unit", unit, declared, Decimal(1), times=bill.hours, region=region)


def _balanced_services(value: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings in a chart's values that describe a Service of type LoadBalancer."""
    if isinstance(value, Mapping):
        if value.get("type") == "LoadBalancer":
            yield value
        for each in value.values():
            yield from _balanced_services(each)
    else:
        for each in items(value):
            yield from _balanced_services(each)
