"""A network, a cluster and pools of GKE, with what is changed later in the configuration."""

from typing import Any

import pulumi
import pulumi_gcp as gcp
from modelyard.capacity.cpu_node_pool import CpuNodePool
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.governance.ownership import Ownership
from modelyard.network.google_network import GoogleNetwork

REGION, PROJECT = "us-central1", "shop-prod"

config = pulumi.Config()
owner = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example").args()
owner["cost_center"] = config.get("cost-center") or "CC-1000"
google = gcp.Provider("google", project=PROJECT, region=REGION)
opts = pulumi.ResourceOptions(provider=google)

network = GoogleNetwork("prod-central", {"region": REGION, "project": PROJECT, "ownership": owner}, opts)
declared: Any = {
    "cloud": "gcp",
    "name": "central",
    "region": REGION,
    "kubernetes_version": config.get("version") or "1.34",
    "network_name": network.network_name,
    "subnetwork_name": network.subnetwork_name,
    "pods_range": network.pods_range,
    "services_range": network.services_range,
    "api_access": {"admins": ["group:ml-platform@retail.example"]},
    "log_retention_days": config.get_int("log-days") or 90,
    "gke": {
        "project": PROJECT,
        "release_channel": config.get("channel") or "regular",
        "maintenance_start": config.get("maintenance") or "03:00",
        "encrypt_disks": config.get_bool("encrypt-disks") or False,
        **({"kms_key": config.require("key")} if config.get("key") else {}),
        **({"notification_topic": config.require("topic")} if config.get("topic") else {}),
    },
    "ownership": owner,
}
cluster = ServingCluster("prod-central", declared, opts)
of_cluster: Any = {
    "cloud": "gcp",
    "region": REGION,
    "project": PROJECT,
    "cluster": "central",
    "cluster_name": cluster.name,
    **{key: cluster.nodes[key] for key in ("service_account", "boot_disk_kms_key") if key in cluster.nodes},
    "ownership": owner,
}
sharing = config.get("sharing")
gpu: Any = {
    **of_cluster,
    "name": "l4",
    "accelerator": "L4",
    "instance_types": [config.get("machine") or "g2-standard-8"],
    "capacity": config.get("capacity") or "on_demand",
    "driver": {"version": config.get("driver") or "default"},
    "max_nodes": config.get_int("max") or 4,
    "desired_nodes": config.get_int("desired") or 0,
    "disk_gib": config.get_int("disk") or 200,
    "zones": (config.get("zones") or f"{REGION}-a,{REGION}-b").split(","),
    "labels": {"example.com/kind": config.get("kind") or "vision"},
    "update": {"max_surge": config.get_int("surge") or 1},
    **({"sharing": {"time_slicing": int(sharing)}} if sharing else {}),
    **({"local_ssd": {"count": config.require_int("ssd")}} if config.get("ssd") else {}),
}
mixed: Any = {
    **of_cluster,
    "name": "a100",
    "accelerator": "A100-40GB",
    "capacity": "spot",
    "spot": {"on_demand_floor": 1},
    "sharing": {"mig": "1g.5gb"},
    "max_nodes": 3,
}
cpu: Any = {**of_cluster, "name": "cpu", "instance_types": ["e2-standard-8"], "max_nodes": 3}
GpuNodePool("prod-central-l4", gpu, opts)
GpuNodePool("prod-central-a100", mixed, opts)
CpuNodePool("prod-central-cpu", cpu, opts)
whenever: Any = {
    **of_cluster,
    "name": "whenever",
    "accelerator": "L4",
    "instance_types": (config.get("machines") or "g2-standard-8,g2-standard-12").split(","),
    "provisioner": "compute_class",
    "max_nodes": 2,
    "schedules": [
        {"name": "day", "recurrence": "0 8 * * 1-5", "min_nodes": 1, "desired_nodes": 1, "max_nodes": 2},
        {"name": "night", "recurrence": "0 20 * * *", "min_nodes": 0, "desired_nodes": 0, "max_nodes": 2},
    ],
}
reaching = pulumi.ResourceOptions(providers=[google, cluster.provider])
GpuNodePool("prod-central-whenever", whenever, reaching)
pulumi.export("kubeconfig", cluster.kubeconfig)
pulumi.export("identity", cluster.identity_issuer)
