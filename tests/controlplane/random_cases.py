"""Random clusters: pools and the pods that are to run on them, as graphs of resources that a program declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from modelyard.graph import Resource, ResourceGraph

from .api import Object
from .random_claims import BY_CLAIM, claim_templates, pod_claims

NAMESPACE = "models"
PRIORITIES = {"modelyard-serving": 1_000_000, "batch": 0, "idle": -10}
"""The first is what serving pods have; the others are of no service's."""

_CASE = "example.com/case"
_CLAIM_TEMPLATE = "kubernetes:resource.k8s.io/v1:ResourceClaimTemplate"
_REGION = "us-east-1"
_ZONES = tuple(f"{_REGION}{letter}" for letter in "abc")
_GPU_TYPES = ("g6.xlarge", "g6e.2xlarge", "g5.12xlarge", "g6e.12xlarge")
_CLAIMED = 0.4
"""Share of the cases in which pools may hand out GPUs by claim."""
_CPU_TYPES = ("m6i.2xlarge", "c6i.4xlarge")
_SHARING = ((None, ""), (None, ""), (4, "time-slicing-4"), (2, "mps-2"))
_MIG_TYPES = {
    "p5.4xlarge": ((7, "mig-1g.10gb"), (2, "mig-3g.40gb")),
    "g7e.12xlarge": ((8, "mig-1g.24gb"), (4, "mig-2g.48gb")),
}
"""MIG instances of one node, by profile."""


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    graph: ResourceGraph

    def pods(self) -> Iterator[Object]:
        """Of all Deployments, in the order in which they shall arrive, which is that of their names."""
        for resource in self.graph.of_type("kubernetes:apps/v1:Deployment"):
            template = resource.inputs["spec"]["template"]
            for number in range(resource.inputs["spec"]["replicas"]):
                metadata = {**template["metadata"], "name": f"{resource.name}-{number:02}", "namespace": NAMESPACE}
                yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}

    def claim_templates(self) -> Iterator[Object]:
        for resource in self.graph.of_type(_CLAIM_TEMPLATE):
            yield dict(resource.inputs)

    def __str__(self) -> str:
        lines = [self.name]
        for each in self.graph:
            lines.append(f"  {each.type} {each.name}: {each.inputs.get('spec') or each.inputs}")
        return "\n".join(lines)


def random_cases(seed: str, count: int) -> Iterator[Case]:
    """Each a cluster of its own, whose nodes no other's pods select."""
    for number in range(count):
        name = f"c{number:03}"
        yield Case(name, _graph(Random(f"{seed} {number}"), name))


def priority_classes() -> Iterator[Object]:
    for name, value in PRIORITIES.items():
        yield {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": name},
            "value": value,
        }


def _graph(dice: Random, case: str) -> ResourceGraph:
    """In most cases as a sensible person would declare it, so that only room may be missing; in the others anything."""
    subnets = [_resource("aws:ec2/subnet:Subnet", f"{case}-{zone}", {"availabilityZone": zone}) for zone in _ZONES]
    easy, claimed = dice.random() < 0.6, dice.random() < _CLAIMED
    kinds = [True, False] if easy else []
    kinds += [dice.random() < 0.7 for _ in range(dice.randint(0 if easy else 1, 3))]
    groups = [_node_group(dice, case, f"pool-{number}", subnets, gpu, claimed) for number, gpu in enumerate(kinds)]
    classes = [
        _resource("kubernetes:scheduling.k8s.io/v1:PriorityClass", each["metadata"]["name"], {**each})
        for each in priority_classes()
    ]
    made: list[Resource] = []
    for number in range(dice.randint(2, 6)):
        made += _deployment(dice, case, f"{case}-{number:02}", groups, easy, claimed)
    return ResourceGraph([*subnets, *groups, *classes, *made])


def _node_group(dice: Random, case: str, name: str, subnets: list[Resource], gpu: bool, claimed: bool) -> Resource:
    stands = dice.sample(subnets, dice.randint(1, 3))
    spot = dice.random() < 0.3
    machine, sharing = dice.choice(_GPU_TYPES if gpu else _CPU_TYPES), {}
    by_claim = gpu and claimed and dice.random() < 0.65
    if gpu and claimed and dice.random() < 0.4:
        machine = dice.choice(list(_MIG_TYPES))
        sharing = _shared(*dice.choice(_MIG_TYPES[machine]))
    elif gpu and not by_claim:
        each, way = dice.choice(_SHARING)
        sharing = _shared(each * (4 if machine.endswith("12xlarge") else 1), way) if each else {}
    taints = [("nvidia.com/gpu", "present", "NO_SCHEDULE")] if gpu else []
    if dice.random() < 0.15:
        taints.append(("example.com/team", dice.choice(["vision", "text"]), "NO_SCHEDULE"))
    if dice.random() < 0.2:
        taints.append(("example.com/old", "", "PREFER_NO_SCHEDULE"))
    most = dice.randint(1, 6)
    labels = {
        _CASE: case,
        "modelyard.dev/cluster": case,
        "modelyard.dev/pool": name,
        **({"nvidia.com/gpu.present": "true"} if gpu else {}),
        **(BY_CLAIM if by_claim else {}),
        **sharing,
    }
    inputs = {
        "clusterName": case,
        "region": _REGION,
        "instanceTypes": [machine],
        "capacityType": "SPOT" if spot else "ON_DEMAND",
        "scalingConfig": {"desiredSize": 0, "minSize": 0, "maxSize": most},
        "labels": labels,
        "taints": [{"key": key, "value": value, "effect": effect} for key, value, effect in taints],
    }
    urns = tuple(subnet.urn for subnet in stands)
    return _resource("aws:eks/nodeGroup:NodeGroup", f"{case}-{name}", inputs, property_dependencies={"subnetIds": urns})


def _shared(devices: int, way: str) -> dict[str, str]:
    return {"modelyard.dev/gpu-devices": str(devices), "modelyard.dev/gpu-sharing": way}


def _deployment(
    dice: Random, case: str, name: str, groups: list[Resource], easy: bool, claimed: bool
) -> Iterator[Resource]:
    """And before it the templates of what its pods claim."""
    pools = [group.inputs["labels"]["modelyard.dev/pool"] for group in groups]
    gpus = dice.choice([0, 0, 1, 1] if easy else [0, 0, 1, 1, 1, 2, 4])
    sizes = [1, 2, 4, 6, 8] if easy else [1, 2, 4, 8, 10, 13, 20, 28]
    asked = {
        "cpu": f"{dice.choice([250, 500, 900, 1000, 1500, 2000, 3700])}m",
        "memory": f"{dice.choice(sizes)}Gi",
    }
    fitting = [group for group in groups if ("nvidia.com/gpu.present" in group.inputs["labels"]) == bool(gpus)]
    templates: list[Object] = []
    if gpus and claimed:
        templates, fitting = _claimed(dice, name, fitting, easy)
    if gpus and not templates:
        asked["nvidia.com/gpu"] = str(gpus)
    if dice.random() < 0.05:
        del asked["cpu"]
    resources: dict[str, Any] = {"limits": asked}
    if templates:
        resources["claims"] = [{"name": each["name"]} for each in pod_claims(templates)]
    labels = {"app.kubernetes.io/name": name}
    spec: dict[str, Any] = {
        "nodeSelector": {_CASE: case},
        "tolerations": list(_tolerations(dice, gpus, easy)),
        "containers": [{"name": "server", "image": "registry.example/server:1", "resources": resources}],
        "topologySpreadConstraints": [
            _spread(dice, "topology.kubernetes.io/zone", labels),
            _spread(dice, "kubernetes.io/hostname", labels),
        ],
        "terminationGracePeriodSeconds": 0,
    }
    if templates:
        spec["resourceClaims"] = pod_claims(templates)
    if not gpus and dice.random() < 0.3:
        del spec["topologySpreadConstraints"]
    if dice.random() < 0.5:
        spec["initContainers"] = [
            {
                "name": "download",
                "image": "registry.example/download:1",
                "resources": {
                    "limits": {"cpu": f"{dice.choice([100, 1000, 2500])}m", "memory": f"{dice.randint(1, 8)}Gi"}
                },
            }
        ]
    if dice.random() < 0.7:
        spec["priorityClassName"] = dice.choice(list(PRIORITIES))
    wanted = [group.inputs["labels"]["modelyard.dev/pool"] for group in fitting]
    _choose_nodes(dice, spec, wanted if easy else pools, easy)
    if dice.random() < 0.1:
        # One pod a node at most, as pods have it that stand by for nodes.
        alone = {"labelSelector": {"matchLabels": labels}, "topologyKey": "kubernetes.io/hostname"}
        apart = {"requiredDuringSchedulingIgnoredDuringExecution": [alone]}
        spec["affinity"] = {**spec.get("affinity", {}), "podAntiAffinity": apart}
    yield from (_resource(_CLAIM_TEMPLATE, each["metadata"]["name"], each) for each in templates)
    yield _resource(
        "kubernetes:apps/v1:Deployment",
        name,
        {
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {
                "replicas": dice.choice([1, 1, 1, 2, 2, 3, 4]),
                "template": {
                    "metadata": {"labels": labels, "annotations": {"modelyard.dev/cluster": case}},
                    "spec": spec,
                },
            },
        },
    )


def _claimed(dice: Random, name: str, groups: list[Resource], easy: bool) -> tuple[list[Object], list[Resource]]:
    """Templates of what a pod claims, none where it asks for GPUs instead, and the groups that have what it wants."""
    if not easy:
        return (list(claim_templates(dice, name, None)) if dice.random() < 0.6 else []), groups
    labels = dice.choice(groups).inputs["labels"]
    if BY_CLAIM.items() <= labels.items():
        sharing = labels.get("modelyard.dev/gpu-sharing")
        alike = [
            group
            for group in groups
            if BY_CLAIM.items() <= group.inputs["labels"].items()
            and group.inputs["labels"].get("modelyard.dev/gpu-sharing") == sharing
        ]
        return list(claim_templates(dice, name, labels)), alike
    return [], [group for group in groups if not BY_CLAIM.items() <= group.inputs["labels"].items()]


def _choose_nodes(dice: Random, spec: dict[str, Any], pools: list[str], easy: bool) -> None:
    """By label as without an overflow pool, by affinity as with one, by zone, or not at all."""
    chance, first = dice.random() * (0.7 if easy else 1), dice.choice(pools)
    if chance < 0.4:
        spec["nodeSelector"]["modelyard.dev/pool"] = first
    elif chance < 0.7:
        beyond = dice.choice(pools if easy else [*pools, "gone"])
        spec["affinity"] = {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [_in("modelyard.dev/pool", first, beyond)]}]
                },
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {"weight": 100, "preference": {"matchExpressions": [_in("modelyard.dev/pool", first)]}}
                ],
            }
        }
    elif chance < 0.8:
        spec["nodeSelector"]["topology.kubernetes.io/zone"] = dice.choice(_ZONES)
    elif chance < 0.9:
        key, operator, *values = dice.choice(
            [
                ("topology.kubernetes.io/zone", "In", *dice.sample(_ZONES, 2)),
                ("topology.kubernetes.io/zone", "NotIn", dice.choice(_ZONES)),
                ("nvidia.com/gpu.present", "DoesNotExist"),
                ("modelyard.dev/gpu-devices", "Exists"),
                ("modelyard.dev/gpu-devices", "Gt", "2"),
                ("kubernetes.io/arch", "In", "arm64"),
            ]
        )
        expression = {"key": key, "operator": operator, **({"values": values} if values else {})}
        spec["affinity"] = {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [expression]}]
                }
            }
        }


def _tolerations(dice: Random, gpus: int, easy: bool) -> Iterator[dict[str, str]]:
    if gpus and (easy or dice.random() < 0.9):
        yield {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    if easy:
        yield {"key": "example.com/team", "operator": "Exists"}
    elif dice.random() < 0.6:
        team = dice.choice(["vision", "text"])
        yield {"key": "example.com/team", "operator": "Equal", "value": team, "effect": "NoSchedule"}
    if dice.random() < 0.2:
        yield {"operator": "Exists", "effect": "PreferNoSchedule"}


def _spread(dice: Random, topology: str, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "maxSkew": dice.choice([1, 1, 1, 2]),
        "topologyKey": topology,
        "whenUnsatisfiable": "DoNotSchedule" if dice.random() < 0.15 else "ScheduleAnyway",
        "labelSelector": {"matchLabels": dict(labels)},
    }


def _in(key: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": list(values)}


def _resource(kind: str, name: str, inputs: dict[str, Any], **options: Any) -> Resource:
    urn = f"urn:pulumi:random::cases::{kind}::{name}"
    return Resource(urn=urn, type=kind, name=name, inputs=inputs, stack="random", **options)
