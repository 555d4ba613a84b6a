"""A cluster of AKS in a network of its own, with pools of every kind; one of them changes by configuration."""

from typing import Any

import pulumi
import pulumi_azure_native as azure_native
from modelyard.capacity.cpu_node_pool import CpuNodePool
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.governance.ownership import Ownership
from modelyard.network.azure_network import AzureNetwork

SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml"
ZONES = f"{GROUP}/providers/Microsoft.Network/privateDnsZones"
RESERVED = f"{GROUP}/providers/Microsoft.Compute/capacityReservationGroups/a100"

config = pulumi.Config()
owner = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example").args()
within = pulumi.ResourceOptions(
    provider=azure_native.Provider("westeurope", subscription_id=SUBSCRIPTION, location="westeurope")
)
network = AzureNetwork("prod-west", {"region": "westeurope", "resource_group": "ml", "ownership": owner}, within)
cluster = ServingCluster(
    "prod-west",
    {
        "cloud": "azure",
        "name": "west",
        "region": "westeurope",
        "subnet_id": network.subnet_id,
        "egress": network.egress,
        "egress_addresses": network.egress_addresses,
        "api_access": {"admins": ["99999999-2222-4333-8444-555555555555"]},
        "aks": {
            "subscription_id": SUBSCRIPTION,
            "tenant_id": "11111111-2222-4333-8444-555555555555",
            "resource_group": "ml",
            "key_generation": config.get_int("key") or 1,
            "private_dns_zone_id": f"{ZONES}/privatelink.westeurope.azmk8s.io",
            "encrypt_disks": True,
            "defender": True,
            "container_insights": True,
            "managed_prometheus": True,
            "azure_policy": True,
            "nodes": {"encryption_at_host": True, "undrainable": "cordon"},
            "retire_first_nodes": config.get_bool("retire") or False,
        },
        "ownership": owner,
    },
    within,
)
of: dict[str, Any] = {
    "cloud": "azure",
    "region": "westeurope",
    "cluster": "west",
    "cluster_name": cluster.name,
    "ownership": owner,
    **cluster.nodes,
}


def gpus(pool: str, **more: Any) -> None:
    arguments: Any = {**of, "name": pool, **more}
    GpuNodePool(f"prod-west-{pool}", arguments, within)


gpus(
    "t4",
    accelerator="T4",
    max_nodes=config.get_int("max") or 4,
    disk_gib=config.get_int("disk") or 200,
    driver={"by": config.get("driver") or "cloud"},
    aks={"trusted_launch": config.get_bool("trusted") or False},
)
gpus("spot", accelerator="T4", capacity="spot", spot={"on_demand_floor": 1}, max_nodes=3)
a100: dict[str, Any] = {"accelerator": "A100-80GB", "max_nodes": 2}
gpus("mig", **a100, sharing={"mig": config.get("mig") or "1g.10gb"})
gpus("close", **a100, compact=True, zones=[config.get("zone") or "2"])
gpus("reserved", **a100, compact=True, capacity="reservation", reservation={"id": RESERVED})
web: Any = {**of, "name": "web", "instance_types": ["Standard_D8s_v5"], "max_nodes": 3}
CpuNodePool("prod-west-web", web, within)
machine = config.get("machine") or "Standard_D8s_v5"
others: Any = {**of, "name": "others", "instance_types": [machine], "min_nodes": 2, "max_nodes": 4, "system": True}
CpuNodePool("prod-west-others", others, within)
pulumi.export("kubeconfig", cluster.kubeconfig)
pulumi.export("subnet", network.subnet_id)
