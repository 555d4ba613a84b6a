"""A small language for resource graphs in tests: node groups, Deployments and their autoscalers."""

from __future__ import annotations

from typing import Any

from modelyard.graph import Resource, ResourceGraph

GPU_TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}
GPU_TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}


def urn(type_token: str, name: str, stack: str = "prod") -> str:
    return f"urn:pulumi:{stack}::retail::{type_token}::{name}"


def resource(type_token: str, name: str, inputs: dict[str, Any], stack: str = "prod", **options: Any) -> Resource:
    return Resource(urn=urn(type_token, name, stack), type=type_token, name=name, inputs=inputs, stack=stack, **options)


def aws(region: str = "us-east-1", **inputs: Any) -> Resource:
    return resource("pulumi:providers:aws", f"modelyard-aws-{region}", {"region": region, **inputs})


def kubernetes(cluster: str = "main", **options: Any) -> Resource:
    return resource("pulumi:providers:kubernetes", f"modelyard-{cluster}", {}, **options)


def node_group(
    name: str,
    instance_type: Any = "g6.xlarge",
    *,
    desired: Any = 1,
    least: Any = 0,
    most: Any = 10,
    spot: bool = False,
    gpu: bool = True,
    cluster: str = "main",
    region: str = "us-east-1",
    **inputs: Any,
) -> Resource:
    labels = {"modelyard.dev/cluster": cluster, "modelyard.dev/pool": name}
    return resource(
        "aws:eks/nodeGroup:NodeGroup",
        name,
        {
            "clusterName": cluster,
            "region": region,
            "instanceTypes": [instance_type],
            "capacityType": "SPOT" if spot else "ON_DEMAND",
            "scalingConfig": {"desiredSize": desired, "minSize": least, "maxSize": most},
            "labels": {**labels, **({"nvidia.com/gpu.present": "true"} if gpu else {})},
            "taints": [GPU_TAINT] if gpu else [],
            "diskSize": 100,
            **inputs,
        },
    )


def deployment(
    name: str,
    *,
    pool: str | None = "gpu",
    replicas: Any = 1,
    gpus: Any = 1,
    cpu: Any = "1",
    memory: Any = "4Gi",
    department: str | None = None,
    model: str | None = None,
    cluster: str | None = "main",
    basis: str | None = None,
    strategy: dict[str, Any] | None = None,
    provider: str | None = None,
    stack: str = "prod",
    **spec: Any,
) -> Resource:
    owner = {"modelyard.dev/department": department, "modelyard.dev/model": model}
    place = {"modelyard.dev/cluster": cluster, "modelyard.dev/pool": pool, "modelyard.dev/price-basis": basis}
    limits = {"cpu": cpu, "memory": memory, **({"nvidia.com/gpu": gpus} if gpus else {})}
    return resource(
        "kubernetes:apps/v1:Deployment",
        name,
        {
            "metadata": {"name": name, "namespace": "models"},
            "spec": {
                "replicas": replicas,
                **({"strategy": strategy} if strategy else {}),
                "template": {
                    "metadata": {
                        "labels": {key: value for key, value in owner.items() if value},
                        "annotations": {key: value for key, value in place.items() if value},
                    },
                    "spec": {
                        "containers": [{"name": "server", "resources": {"limits": limits}}],
                        "nodeSelector": {"modelyard.dev/pool": pool} if pool else {},
                        "tolerations": [GPU_TOLERATION] if gpus else [],
                        **spec,
                    },
                },
            },
        },
        stack,
        provider=provider,
    )


def autoscaler(target: str, least: Any, most: Any, **options: Any) -> Resource:
    return resource(
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        target,
        {
            "metadata": {"name": target, "namespace": "models"},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
                "minReplicas": least,
                "maxReplicas": most,
            },
        },
        **options,
    )


def graph(*resources: Resource) -> ResourceGraph:
    return ResourceGraph(resources)
