"""A program that every rule of the policy pack has something against: see each block's comment."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_azure_native as azure
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s
from pulumi import ResourceOptions

password = pulumi.Config().require_secret("password")
east = aws.Provider("east", region="us-east-1", default_tags={"tags": {"environment": "prod"}})
in_east = ResourceOptions(provider=east)

# department-tag and ownership-tags: no tags, a department that does not exist, none for what is launched.
# imds-v2 and volumes-encrypted: the launch template's defaults.
template = aws.ec2.LaunchTemplate("template", tags={"department": "merchandizing"}, opts=in_east)

# registry-immutable, registry-scan-on-push.
repository = aws.ecr.Repository("mutable", image_tag_mutability="MUTABLE", opts=in_east)
good = aws.ecr.Repository(
    "good",
    name="prod/good",
    image_tag_mutability="IMMUTABLE",
    image_scanning_configuration={"scan_on_push": True},
    tags={"department": "platform", "cost-center": "cc-1", "managed-by": "modelyard"},
    opts=in_east,
)

# kms-key-rotation, log-retention, iam-not-administrator.
key = aws.kms.Key("key", tags={"department": "platform"}, opts=in_east)
logs = aws.cloudwatch.LogGroup("logs", tags={"department": "platform"}, opts=in_east)
everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
trust = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "eks.amazonaws.com"}}],
}
role = aws.iam.Role("role", assume_role_policy=json.dumps(trust), tags={"department": "platform"}, opts=in_east)
aws.iam.RolePolicy("everything", role=role.id, policy=json.dumps(everything), opts=in_east)

# bucket-encrypted-versioned-private: three settings, one of them of the wrong value.
bucket = aws.s3.Bucket("models", tags={"department": "platform"}, opts=in_east)
aws.s3.BucketVersioning("models", bucket=bucket.id, versioning_configuration={"status": "Suspended"}, opts=in_east)

# security-group-not-open, no-load-balancer-open.
aws.vpc.SecurityGroupIngressRule(
    "open",
    security_group_id="sg-0123456789abcdef0",
    cidr_ipv4="0.0.0.0/0",
    ip_protocol="tcp",
    from_port=22,
    to_port=22,
    tags={"department": "platform"},
    opts=in_east,
)
aws.lb.LoadBalancer("public", subnets=["subnet-1"], tags={"department": "platform"}, opts=in_east)

# cluster-*: everything at its default. network-policy-enforced: the add-on as it ships.
cluster = aws.eks.Cluster(
    "cluster",
    role_arn=role.arn,
    vpc_config={"subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]},
    tags={"department": "platform"},
    opts=in_east,
)
aws.eks.Addon("cni", cluster_name=cluster.name, addon_name="vpc-cni", tags={"department": "platform"}, opts=in_east)

# spot-not-alone and node-pool-limits: a cluster of spot nodes only, without end.
POOL = {"modelyard.dev/cluster": "use1", "modelyard.dev/pool": "l4-spot"}
aws.eks.NodeGroup(
    "l4-spot",
    cluster_name=cluster.name,
    node_role_arn=role.arn,
    subnet_ids=["subnet-0123456789abcdef0"],
    capacity_type="SPOT",
    instance_types=["g6.xlarge"],
    scaling_config={"min_size": 1, "desired_size": 1, "max_size": 400},
    labels=POOL,
    taints=[{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
    launch_template={"id": template.id, "version": template.latest_version.apply(str)},
    tags={"department": "platform"},
    opts=in_east,
)
# rollout-not-blocked: a pool of one node.
FULL = {"modelyard.dev/cluster": "use1", "modelyard.dev/pool": "l4"}
aws.eks.NodeGroup(
    "l4",
    cluster_name=cluster.name,
    node_role_arn=role.arn,
    subnet_ids=["subnet-0123456789abcdef0"],
    capacity_type="SPOT",
    instance_types=["g6.xlarge"],
    scaling_config={"min_size": 1, "desired_size": 1, "max_size": 1},
    labels=FULL,
    taints=[{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
    tags={"department": "platform"},
    opts=in_east,
)

# The rules on clusters, nodes, images, stores, grants and labels, on Google Cloud and Azure: everything at its default.
in_iowa = ResourceOptions(provider=gcp.Provider("iowa", project="northwind", region="us-central1"))
iowa = gcp.container.Cluster("iowa", name="iowa", location="us-central1", opts=in_iowa)
gcp.container.NodePool(
    "iowa",
    cluster=iowa.name,
    location="us-central1",
    autoscaling={"total_min_node_count": 0, "total_max_node_count": 400},
    node_config={"spot": True, "guest_accelerators": [{"type": "nvidia-l4", "count": 1}]},
    opts=in_iowa,
)
gcp.artifactregistry.Repository(
    "images",
    repository_id="images",
    location="us-central1",
    format="DOCKER",
    vulnerability_scanning_config={"enablement_config": "DISABLED"},
    labels={"department": "merchandizing"},
    opts=in_iowa,
)
gcp.storage.Bucket("models", location="US-CENTRAL1", opts=in_iowa)
gcp.kms.CryptoKey("key", key_ring="projects/northwind/locations/us-central1/keyRings/ml", opts=in_iowa)
gcp.projects.IAMMember("owner", project="northwind", role="roles/owner", member="user:a@b.example", opts=in_iowa)
in_dublin = ResourceOptions(
    provider=azure.Provider("dublin", subscription_id="0a1b2c3d-4e5f-6789-abcd-ef0123456789", location="northeurope")
)
dublin = azure.containerservice.ManagedCluster(
    "dublin",
    resource_name_="dublin",
    resource_group_name="ml",
    agent_pool_profiles=[{"name": "system", "mode": "System", "count": 400, "vm_size": "Standard_D4s_v5"}],
    opts=in_dublin,
)
azure.containerservice.AgentPool(
    "dublin",
    resource_group_name="ml",
    resource_name_=dublin.name,
    agent_pool_name="l4",
    enable_auto_scaling=True,
    node_labels={"nvidia.com/gpu.present": "true"},
    vm_size="Standard_NC4as_T4_v3",
    opts=in_dublin,
)
account = azure.storage.StorageAccount(
    "models", resource_group_name="ml", kind="StorageV2", sku={"name": "Standard_LRS"}, opts=in_dublin
)
azure.storage.BlobContainer(
    "models",
    resource_group_name="ml",
    account_name=account.name,
    public_access=azure.storage.PublicAccess.BLOB,
    opts=in_dublin,
)

# budget: a gateway that costs more than the department has, and data that has no price.
aws.ec2.NatGateway("gateway", subnet_id="subnet-0123456789abcdef0", tags={"department": "merchandising"}, opts=in_east)


def kubeconfig(server: str) -> str:
    named = [{"name": "c", "context": {"cluster": "c", "user": "u"}}]
    clusters = [{"name": "c", "cluster": {"server": server}}]
    users = [{"name": "u", "user": {"token": "t"}}]
    about = {"apiVersion": "v1", "kind": "Config", "current-context": "c"}
    return json.dumps({**about, "clusters": clusters, "contexts": named, "users": users})


def written(inputs: Any) -> Any:
    """Inputs as a program without types writes them."""
    return inputs


LABELS = {"modelyard.dev/department": "merchandising", "app": "tagging"}
GPU = {"nvidia.com/gpu": "1"}


def controlled(name: str, meta: dict[str, Any], broken: dict[str, Any], opts: ResourceOptions) -> None:
    """The same pods, made by controllers; and model-may-sleep."""
    pods = {"metadata": {"labels": {"app": "tagging"}, "annotations": POOL}, "spec": broken}
    server, other = broken["containers"]
    share = {"resources": server["resources"], "env": server["env"]}
    runtime = k8s.apiextensions.CustomResource(
        f"{name}-runtime",
        api_version="serving.kserve.io/v1alpha1",
        kind="ServingRuntime",
        metadata=meta,
        spec={"containers": [{**server, "name": "kserve-container"}, other]},
        opts=opts,
    )
    for each, named in (("served", "broken"), ("elsewhere", "of-another-stack")):
        k8s.apiextensions.CustomResource(
            f"{name}-{each}",
            api_version="serving.kserve.io/v1beta1",
            kind="InferenceService",
            metadata={**meta, "name": each},
            spec={
                "predictor": {
                    "nodeSelector": POOL,
                    "labels": {"modelyard.dev/department": "nobody"},
                    "model": {"runtime": named, **share},
                    "deploymentStrategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}},
                },
                "transformer": {"containers": [{**other, "name": "kserve-container"}]},
            },
            opts=ResourceOptions.merge(opts, ResourceOptions(depends_on=[runtime])),
        )
    for api, kind, spec in (
        ("serving.kserve.io/v1alpha1", "InferenceGraph", {"nodes": {}}),
        ("argoproj.io/v1alpha1", "Rollout", {"template": pods, "strategy": {"canary": {"maxSurge": 0}}}),
        ("karpenter.k8s.aws/v1", "EC2NodeClass", {"amiSelectorTerms": [{"alias": "al2023@latest"}]}),
        ("flagger.app/v1beta1", "Canary", {"targetRef": {"kind": "Deployment", "name": "waiting"}}),
        ("mlops.seldon.io/v1alpha1", "Server", {"serverConfig": "triton", "podSpec": broken}),
        (
            "keda.sh/v1alpha1",
            "ScaledObject",
            {
                "scaleTargetRef": {"kind": "Rollout", "name": "broken"},
                "minReplicaCount": 0,
                "triggers": [{"type": "prometheus", "metadata": {"query": "sum(rate(requests[1m]))"}}],
            },
        ),
    ):
        k8s.apiextensions.CustomResource(
            f"{name}-{kind.lower()}", api_version=api, kind=kind, metadata=meta, spec=spec, opts=opts
        )


def workloads(name: str, provider: k8s.Provider) -> None:
    """What is wrong in a cluster; once where the provider is known in a preview, once where it is not."""
    opts = ResourceOptions(provider=provider)
    meta: dict[str, Any] = {"namespace": "merchandising", "labels": LABELS}
    # pod-security and namespace-default-deny: nothing enforced, nothing refused.
    k8s.core.v1.Namespace(f"{name}-ns", metadata={"name": "merchandising", "labels": LABELS}, opts=opts)
    # gpu-limits-and-tolerations, resource-requests, secrets-not-in-env, image-pinned, pod-security, spot-not-alone,
    # replicas-and-disruption-budget, rollout-not-blocked.
    broken: dict[str, Any] = {
        "nodeSelector": POOL,
        "containers": [
            {
                "name": "triton",
                "image": "nvcr.io/nvidia/tritonserver:26.07-py3",
                "resources": {"limits": GPU},
                "env": [{"name": "DB_PASSWORD", "value": "in plain sight"}, {"name": "API_KEY", "value": password}],
                "startupProbe": {"failureThreshold": 90, "httpGet": {"path": "/v2/health/ready", "port": 8000}},
            },
            {"name": "unknown", "image": pulumi.Output.concat(repository.repository_url, ":1")},
        ],
    }
    k8s.apps.v1.Deployment(
        f"{name}-broken",
        metadata=written({"name": "broken", **meta}),
        spec=written(
            {
                "selector": {"matchLabels": {"app": "tagging"}},
                "strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}},
                "template": {"metadata": {"labels": {"app": "tagging"}, "annotations": POOL}, "spec": broken},
            }
        ),
        opts=opts,
    )
    # rollout-not-blocked: no room for one pod more. Its image is known only after up, and of no repository here.
    k8s.apps.v1.Deployment(
        f"{name}-waiting",
        metadata=written({"name": "waiting", **meta}),
        spec=written(
            {
                "selector": {"matchLabels": {"app": "waiting"}},
                "replicas": 1,
                "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
                "template": {
                    "metadata": {"labels": {**LABELS, "app": "waiting"}, "annotations": FULL},
                    "spec": {
                        "nodeSelector": FULL,
                        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
                        "containers": [
                            {
                                "name": "triton",
                                "image": key.arn,
                                "resources": {"requests": {"cpu": "1", "memory": "4Gi"}, "limits": GPU},
                            }
                        ],
                    },
                },
            }
        ),
        opts=opts,
    )
    k8s.policy.v1.PodDisruptionBudget(
        f"{name}-never",
        metadata={"name": "never", "namespace": "merchandising"},
        spec=written({"minAvailable": 1, "selector": {"matchLabels": {"app": "waiting"}}}),
        opts=opts,
    )
    # service-has-autoscaler-metric-source.
    k8s.autoscaling.v2.HorizontalPodAutoscaler(
        f"{name}-scaler",
        metadata={"name": "scaler", "namespace": "merchandising"},
        spec=written(
            {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "broken"},
                "minReplicas": 1,
                "maxReplicas": 2,
                "metrics": [
                    {
                        "type": "Pods",
                        "pods": {
                            "metric": {"name": "triton_queue_ms"},
                            "target": {"type": "AverageValue", "averageValue": "50"},
                        },
                    }
                ],
            }
        ),
        opts=opts,
    )
    controlled(name, {"name": "broken", **meta}, broken, opts)
    # no-load-balancer-open, secrets-not-in-env, volumes-encrypted.
    k8s.core.v1.Service(
        f"{name}-open",
        metadata={"name": "open", "namespace": "merchandising"},
        spec=written({"type": "LoadBalancer", "ports": [{"port": 80}], "selector": {"app": "tagging"}}),
        opts=opts,
    )
    k8s.core.v1.ConfigMap(
        f"{name}-config",
        metadata={"name": "config", "namespace": "merchandising"},
        data={"database": "postgres://app:hunter2@db/models"},
        opts=opts,
    )
    k8s.storage.v1.StorageClass(
        f"{name}-plain",
        metadata={"name": "plain"},
        provisioner="ebs.csi.aws.com",
        parameters={"type": "gp3"},
        opts=opts,
    )


workloads("known", k8s.Provider("known", kubeconfig=kubeconfig("https://cluster.example.com")))
workloads("unknown", k8s.Provider("unknown", kubeconfig=cluster.endpoint.apply(kubeconfig)))
