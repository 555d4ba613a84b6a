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


def controlled(
    api: str, kind: str, name: str, spec: dict[str, Any], annotations: dict[str, str] | None = None, **options: Any
) -> Resource:
    """A resource of which a controller makes pods; ``annotations`` and the department's label reach them."""
    metadata = {
        "name": name,
        "namespace": "models",
        "labels": {"modelyard.dev/department": "merchandising"},
        "annotations": {"modelyard.dev/cluster": "main", **(annotations or {})},
    }
    return resource(f"kubernetes:{api}:{kind}", name, {"metadata": metadata, "spec": spec}, **options)


def gpu_pods(pool: str = "gpu", gpus: int = 1) -> dict[str, Any]:
    """Fields of a pod that asks for GPUs of a pool, without its containers."""
    return {"nodeSelector": {"modelyard.dev/pool": pool}, "tolerations": [GPU_TOLERATION] if gpus else []}


def share(gpus: int = 1, cpu: str = "1", memory: str = "4Gi") -> dict[str, Any]:
    limits = {"cpu": cpu, "memory": memory, **({"nvidia.com/gpu": gpus} if gpus else {})}
    return {"resources": {"limits": limits}}


def inference_service(
    name: str, predictor: dict[str, Any] | None = None, *, mode: str = "Standard", scaler: str = "hpa", **more: Any
) -> Resource:
    """A predictor of one GPU; ``predictor`` changes its fields, and keywords add components."""
    annotations = {"serving.kserve.io/deploymentMode": mode, "serving.kserve.io/autoscalerClass": scaler}
    spec = {"predictor": {**gpu_pods(), "model": {"runtime": name, **share()}, **(predictor or {})}, **more}
    return controlled("serving.kserve.io/v1beta1", "InferenceService", name, spec, annotations)


def rollout(name: str, strategy: dict[str, Any], replicas: Any = 2, **spec: Any) -> Resource:
    template = deployment(name).inputs["spec"]["template"]
    filled = {"replicas": replicas, "template": template, "strategy": strategy, **spec}
    return controlled("argoproj.io/v1alpha1", "Rollout", name, filled)


def keda(
    target: str, least: int, most: int, *windows: tuple[str, str, int], kind: str = "Deployment", zone: str = "UTC"
) -> Resource:
    """Windows are start and end as cron expressions, and replicas; a request wakes what sleeps."""
    triggers: list[dict[str, Any]] = [{"type": "prometheus", "metadata": {"query": "sum(rate(requests[1m]))"}}]
    for start, end, replicas in windows:
        when = {"timezone": zone, "start": start, "end": end, "desiredReplicas": str(replicas)}
        triggers.append({"type": "cron", "metadata": when})
    scaled = {"kind": kind, "name": target}
    spec = {"scaleTargetRef": scaled, "minReplicaCount": least, "maxReplicaCount": most, "triggers": triggers}
    return controlled("keda.sh/v1alpha1", "ScaledObject", target, spec)
