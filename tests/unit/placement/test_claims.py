"""Pods that claim GPUs are placed on pools that hand them out so, and on no other."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import Resource
from modelyard.placement import place, workloads
from modelyard.placement.requests import Requests

from .plan import GPU_TOLERATION, deployment, graph, node_group, resource

PROFILE = "device.attributes['gpu.nvidia.com'].profile == '1g.5gb'"
CLAIMED = {"modelyard.dev/gpu-allocation": "claim"}
CUT = {**CLAIMED, "modelyard.dev/gpu-devices": "56", "modelyard.dev/gpu-sharing": "mig-1g.5gb"}


def template(name: str = "gpus", version: str = "v1", **exactly: Any) -> Resource:
    asked = {"deviceClassName": "gpu.nvidia.com", **exactly}
    request = {"name": "gpu", **(asked if version == "v1beta1" else {"exactly": asked})}
    return resource(
        f"kubernetes:resource.k8s.io/{version}:ResourceClaimTemplate",
        name,
        {
            "metadata": {"name": name, "namespace": "models"},
            "spec": {"spec": {"devices": {"requests": [request]}}},
        },
    )


def claiming(name: str, **more: Any) -> Resource:
    claims = [{"name": "gpu", "resourceClaimTemplateName": "gpus"}]
    spec = {"resourceClaims": claims, "tolerations": [GPU_TOLERATION]}
    return deployment(name, **{"gpus": 0, "memory": "1Gi", "cpu": "100m", **spec, **more})


def pool(name: str, instance_type: str = "g6.xlarge", labels: dict[str, str] | None = None, **more: Any) -> Resource:
    made = node_group(name, instance_type, **more)
    made.inputs["labels"].update(labels or {})  # type: ignore[index]
    return made


MEMORY = "device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('20Gi')) >= 0"
TWENTY_GIB = 20 * 1024


def chosen(*expressions: str) -> dict[str, Any]:
    return {"selectors": [{"cel": {"expression": each}} for each in expressions]}


MIG = {"deviceClassName": "mig.nvidia.com", "selectors": [{"cel": {"expression": PROFILE}}]}


@pytest.mark.parametrize(
    ("claimed", "asked"),
    [
        (template(), Requests(100, 1024, 1, "gpu.nvidia.com")),
        (template(version="v1beta1"), Requests(100, 1024, 1, "gpu.nvidia.com")),
        (template(count=4), Requests(100, 1024, 4, "gpu.nvidia.com")),
        (template(**MIG), Requests(100, 1024, 1, "mig.nvidia.com 1g.5gb")),
        (template(count=2, **chosen(MEMORY)), Requests(100, 1024, 2, "gpu.nvidia.com", 2 * TWENTY_GIB)),
        (
            template(deviceClassName="mig.nvidia.com", **chosen(f"{PROFILE} && {MEMORY}")),
            Requests(100, 1024, 1, "mig.nvidia.com 1g.5gb", TWENTY_GIB),
        ),
        (template(deviceClassName="mig.nvidia.com"), None),
        # What a plan cannot follow: another attribute, shared or partial devices, those that an administrator sees.
        (template(**chosen("device.attributes['gpu.nvidia.com'].productName == 'NVIDIA L4'")), None),
        (template(**chosen(f"{MEMORY} || true")), None),
        (template(**chosen(PROFILE)), None),
        (template(adminAccess=True), None),
        (template(tolerations=[{"operator": "Exists"}]), None),
        (template(deviceClassName="dra.net"), None),
        (template(allocationMode="All"), None),
        (template("another"), None),
    ],
)
def test_what_a_pod_claims_is_what_its_template_asks_for(claimed: Resource, asked: Requests | None) -> None:
    (workload,) = workloads(graph(claimed, claiming("a")))
    assert workload.requests == asked


def test_devices_that_must_match_one_another_are_not_followed() -> None:
    matching = template(count=2)
    matching.inputs["spec"]["spec"]["devices"]["constraints"] = [{"matchAttribute": "resource.kubernetes.io/pcieRoot"}]
    assert [each.requests for each in workloads(graph(matching, claiming("a")))] == [None]


def test_what_the_most_demanding_request_takes_every_gpu_has() -> None:
    two = template(count=1)
    (first,) = two.inputs["spec"]["spec"]["devices"]["requests"]
    two.inputs["spec"]["spec"]["devices"]["requests"].append(
        {"name": "large", "exactly": {**first["exactly"], **chosen(MEMORY)}}
    )
    (workload,) = workloads(graph(two, claiming("a")))
    assert workload.requests == Requests(100, 1024, 2, "gpu.nvidia.com", 2 * TWENTY_GIB)


def test_the_memory_that_is_claimed() -> None:
    claimed = template(**chosen(MEMORY))
    small, large = pool("gpu", "g4dn.xlarge", CLAIMED), pool("gpu", "g6.xlarge", CLAIMED)
    (misfit, *_) = place(graph(small, claimed, claiming("a"))).misfits
    assert misfit.reasons == ("gpu: takes 20480 MiB of each GPU, those of g4dn.xlarge have 15360 MiB",)
    assert place(graph(large, claimed, claiming("a"))).misfits == ()


def test_claimed_gpus_are_counted_as_gpus_are() -> None:
    placed = place(graph(pool("gpu", labels=CLAIMED, most=2), template(), claiming("a", replicas=3)))
    (misfit, *_) = placed.misfits
    assert (misfit.replicas, misfit.reasons) == (1, ("gpu: no room left on its 2 nodes (max_nodes)",))
    assert [(each.replicas, each.reason) for each in placed.waiting] == [(1, "no node that may take it has room left")]
    (only,) = placed.pools
    assert only.nodes_at_max == 2
    assert only.fill_at_max is not None and only.fill_at_max.gpu == 1.0


@pytest.mark.parametrize(
    ("there", "asks", "reason"),
    [
        ({}, [template(), claiming("a")], "claims 1 GPU, a p4d.24xlarge node offers 0"),
        (CLAIMED, [deployment("a")], "asks for 1 GPU, a p4d.24xlarge node offers 0"),
        (CLAIMED, [template(count=9), claiming("a")], "claims 9 GPU, a p4d.24xlarge node offers 8"),
        (CUT, [template(), claiming("a")], "claims 1 GPU, a p4d.24xlarge node offers 0"),
        (CLAIMED, [template(**MIG), claiming("a")], "asks for 1 mig.nvidia.com 1g.5gb, a p4d.24xlarge node offers 0"),
        (CUT, [template(**MIG), claiming("a")], None),
        (CLAIMED, [template(count=8), claiming("a")], None),
    ],
)
def test_a_pool_hands_out_its_gpus_in_one_way(there: dict[str, str], asks: list[Resource], reason: str | None) -> None:
    placed = place(graph(pool("gpu", "p4d.24xlarge", there), *asks))
    found = {each for misfit in placed.misfits for each in misfit.reasons}
    assert found == (set() if reason is None else {f"gpu: {reason}"})


def test_pods_whose_claims_are_not_known_are_not_placed() -> None:
    placed = place(graph(pool("gpu", labels=CLAIMED), claiming("a")))
    assert [each.reason for each in placed.undetermined] == [
        "a resource request or claim of its pods is not known before the deployment"
    ]
