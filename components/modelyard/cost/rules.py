"""Which rule prices which resource type. Every type is priced, listed as free, or reported as unpriced."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypeAlias

from modelyard.cost.azureml import DEPLOYMENT, charge_deployment, charge_registry, charge_registry_replica
from modelyard.cost.bill import HOURS, Bill
from modelyard.cost.cloud_network import charge_cloud_nat, charge_public_address, charge_subnetwork
from modelyard.cost.clusters import charge_aks_cluster, charge_gke_cluster
from modelyard.cost.control_plane import charge_control_plane
from modelyard.cost.google_key import charge_google_key
from modelyard.cost.load_balancer import (
    charge_chart,
    charge_gateway,
    charge_ingress,
    charge_load_balancer,
    charge_service,
)
from modelyard.cost.log_bucket import charge_log_bucket
from modelyard.cost.node_group import DETAILED_METRIC, METRICS_PER_INSTANCE, NODE_POOLS
from modelyard.cost.owner import owner_of
from modelyard.cost.price import NoPrice
from modelyard.cost.sagemaker import charge_endpoint_configuration
from modelyard.cost.sagemaker_monitoring import DEFINITIONS, charge_monitoring_job
from modelyard.cost.seldon_model import charge_shared_model
from modelyard.cost.vertex import DEPLOYED_MODEL, charge_deployed_model
from modelyard.cost.volume import (
    charge_chart_volumes,
    charge_claim,
    charge_claim_templates,
    charge_root_volume,
    charge_volume,
)
from modelyard.graph import Resource
from modelyard.placement.aks_agent_pool import MANAGED_CLUSTER
from modelyard.placement.gke_node_pool import CLUSTER as GKE_CLUSTER
from modelyard.placement.reading import at, text, whole
from modelyard.placement.region import region_of
from modelyard.placement.seldon import MODEL

Rule: TypeAlias = Callable[[Bill, Resource], None]

_DATA = Path(__file__).parent / "data"
_HIGH_RESOLUTION_SECONDS = (10, 20, 30)


def apply_rules(bill: Bill, resource: Resource) -> None:
    """Charge one resource by the rule of its type; node groups and pods are charged on their own.

    Components and providers are no resources of a cloud and cost nothing.
    """
    if not resource.custom or resource.type.startswith("pulumi:"):
        return
    rules = _rules().get(resource.type)
    if rules is not None:
        for rule in rules:
            rule(bill, resource)
    elif not is_free(resource.type):
        bill.unpriced(resource, resource.name, f"no rule for {resource.type}")


def is_free(type_token: str) -> bool:
    """Whether the reviewed list of free types holds this one, by its name or by a beginning that ends in ``*``."""
    names, beginnings = _free_types()
    return type_token in names or type_token.startswith(beginnings)


def known_types() -> frozenset[str]:
    """Types with a rule that prices them."""
    return frozenset(_rules())


@cache
def _rules() -> dict[str, tuple[Rule, ...]]:
    found: dict[str, tuple[Rule, ...]] = {
        **dict.fromkeys(NODE_POOLS, ()),
        "aws:eks/cluster:Cluster": (charge_control_plane,),
        GKE_CLUSTER: (charge_gke_cluster,),
        MANAGED_CLUSTER: (charge_aks_cluster,),
        "gcp:compute/routerNat:RouterNat": (charge_cloud_nat,),
        "gcp:kms/cryptoKey:CryptoKey": (charge_google_key,),
        "gcp:logging/projectBucketConfig:ProjectBucketConfig": (charge_log_bucket,),
        "gcp:compute/subnetwork:Subnetwork": (charge_subnetwork,),
        "azure-native:network:PublicIPAddress": (charge_public_address,),
        "azure-native:keyvault:Key": (_vault_key,),
        "aws:ec2/vpcEndpoint:VpcEndpoint": (_endpoint,),
        "aws:ec2/flowLog:FlowLog": (_flow_log,),
        "aws:ec2/instance:Instance": (_instance, charge_root_volume),
        "aws:ebs/volume:Volume": (charge_volume,),
        "aws:lb/loadBalancer:LoadBalancer": (charge_load_balancer,),
        "aws:alb/loadBalancer:LoadBalancer": (charge_load_balancer,),
        "aws:cloudwatch/metricAlarm:MetricAlarm": (_alarm,),
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": (_scanning,),
        "kubernetes:core/v1:Service": (charge_service,),
        "kubernetes:core/v1:PersistentVolumeClaim": (charge_claim,),
        "kubernetes:apps/v1:StatefulSet": (charge_claim_templates,),
        "kubernetes:gateway.networking.k8s.io/v1:Gateway": (charge_gateway,),
        "kubernetes:networking.k8s.io/v1:Ingress": (charge_ingress,),
        MODEL: (charge_shared_model,),
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration": (charge_endpoint_configuration,),
        "aws-native:sagemaker:EndpointConfig": (charge_endpoint_configuration,),
        **{definition: (charge_monitoring_job,) for definition in DEFINITIONS},
        DEPLOYED_MODEL: (charge_deployed_model,),
        DEPLOYMENT: (charge_deployment,),
        "azure-native:containerregistry:Registry": (charge_registry,),
        "azure-native:containerregistry:Replication": (charge_registry_replica,),
        "kubernetes:helm.sh/v3:Release": (charge_chart, charge_chart_volumes),
        "kubernetes:helm.sh/v4:Chart": (charge_chart, charge_chart_volumes),
    }
    with (_DATA / "service_items.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["type"]] = (*found.get(row["type"], ()), _service_item(row))
    return found


@cache
def _free_types() -> tuple[frozenset[str], tuple[str, ...]]:
    with (_DATA / "free_types.csv").open(encoding="utf-8", newline="") as lines:
        types = [row["type"] for row in csv.DictReader(lines)]
    return frozenset(types), tuple(each[:-1] for each in types if each.endswith("*"))


def _service_item(row: dict[str, str]) -> Rule:
    """A rule from a row of ``service_items.csv``: so many hours, one a month, or as much as an assumption says."""

    def charge(bill: Bill, resource: Resource) -> None:
        what, service, sku, unit = row["what"], row["service"], row["sku"], row["unit"]
        if row["quantity"] == HOURS:
            bill.hourly(resource, what, service, sku)
        elif row["quantity"] == "1":
            bill.item(resource, what, service, sku, unit, Decimal(1))
        else:
            bill.usage(resource, what, service, sku, unit, row["quantity"], Decimal(row["per"]))

    return charge


def _endpoint(bill: Bill, resource: Resource) -> None:
    """Interface endpoints cost by zone and hour, and by data; gateway endpoints (the default type) are free."""
    kind = resource.inputs.get("vpcEndpointType", "Gateway")
    if kind == "Gateway":
        return
    subnets = resource.inputs.get("subnetIds")
    if kind != "Interface" or not isinstance(subnets, list | tuple):
        reason = "its type or its subnets are not known before the deployment" if kind != "GatewayLoadBalancer" else ""
        bill.unpriced(resource, "endpoint", reason or "the catalog has no price of gateway load balancer endpoints")
        return
    words = f"interface endpoint in {len(subnets)} zones"
    bill.hourly(resource, words, "VPC interface endpoint", "endpoint per AZ", len(subnets))
    sku = "data processed, first 1 PB"
    bill.usage(
        resource, "data through the endpoint", "VPC interface endpoint", sku, "GB", "endpoint_gb_per_month", Decimal(1)
    )


def _flow_log(bill: Bill, resource: Resource) -> None:
    """Flow logs into a log group are charged by the group; the delivery anywhere else has no price in the catalog."""
    destination = text(resource.inputs.get("logDestinationType")) or "cloud-watch-logs"
    if destination != "cloud-watch-logs":
        bill.unpriced(resource, "flow logs", f"the catalog has no price of delivering logs to {destination}")


def _instance(bill: Bill, resource: Resource) -> None:
    region, type_name = region_of(resource, bill.graph), text(resource.inputs.get("instanceType"))
    spot = text(at(resource.inputs, "instanceMarketOptions", "marketType")) == "spot"
    price = bill.book.node_hour(region, type_name, spot=spot)
    if isinstance(price, NoPrice):
        bill.unpriced(resource, "instance", price)
    else:
        bill.charge(resource, f"instance ({type_name})", owner_of(resource, bill.graph), bill.hours, price, region)
    if resource.inputs.get("monitoring") is True:
        bill.findings.note(f"detailed monitoring sends {METRICS_PER_INSTANCE} metrics an instance")
        what = "detailed monitoring"
        bill.item(resource, what, "CloudWatch", DETAILED_METRIC, "metric-month", METRICS_PER_INSTANCE, region=region)


def _alarm(bill: Bill, resource: Resource) -> None:
    queries = resource.inputs.get("metricQueries")
    metrics = max(1, sum(1 for each in queries if at(each, "metric") is not None)) if isinstance(queries, list) else 1
    high = whole(resource.inputs.get("period")) in _HIGH_RESOLUTION_SECONDS
    sku = f"alarm, {'high' if high else 'standard'} resolution"
    bill.item(resource, sku, "CloudWatch", sku, "alarm-metric-month", Decimal(metrics))


def _vault_key(bill: Bill, resource: Resource) -> None:
    """One in a hardware module costs by the month; one in software by its operations, which are its vault's."""
    kind = text(at(resource.inputs, "properties", "kty")) or ""
    if kind.endswith("-HSM"):
        bill.item(resource, f"key ({kind})", "Key Vault", "HSM-protected key (first 250)", "key-month", 1)


def _scanning(bill: Bill, resource: Resource) -> None:
    """Basic scanning is free; enhanced scanning is Amazon Inspector's."""
    if text(resource.inputs.get("scanType")) != "BASIC":
        bill.unpriced(resource, "image scanning", "the catalog has no price of Amazon Inspector's image scans")
