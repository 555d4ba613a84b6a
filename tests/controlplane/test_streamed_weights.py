"""Volumes that weights are streamed through, before a real API server: every field is one, and pods that mount them are
restricted pods."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.capacity.software.namespaces import namespace
from plan.kubernetes.program import SHOP, manifests_of
from plan.kubernetes.test_streamed_weights import AKS, GCS, STREAM, WHOLE, without_nothing
from plan.kubernetes.triton import service

from .api import Api, Object, Refused

CASES: dict[str, dict[str, Any]] = {
    "EKS": {"stored": WHOLE, "weights": STREAM},
    "EKS, node cache": {"stored": WHOLE, "weights": {"by": "node_cache"}},
    "GKE": {**without_nothing(GCS), "weights": {"by": "stream", "cache_gib": 23}},
    "AKS": {**without_nothing(AKS), "weights": STREAM},
}
ACCOUNT: Object = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "tagger", "namespace": "shop"}}
"""Pods are asked about one by one, and none is let in without its own."""


@pytest.mark.parametrize("case", CASES)
def test_every_object_is_accepted_and_its_pods_are_restricted(api: Api, case: str) -> None:
    api.apply(namespace("shop", "restricted", SHOP))
    api.apply(ACCOUNT)
    wrong: list[str] = []
    for thing in manifests_of(service(**CASES[case])):
        try:
            api.apply(thing, dry_run=True)
            wrong += [f"{thing['kind']}: warning: {warning}" for warning in api.warnings]
            if thing["kind"] in ("Deployment", "DaemonSet"):
                api.apply(pod_of(thing), dry_run=True)
                wrong += [f"pod of {thing['kind']}: warning: {warning}" for warning in api.warnings]
        except (Refused, LookupError) as error:
            wrong.append(f"{thing['kind']}: {error}")
    assert not wrong, "\n".join(wrong)


def test_a_folder_of_the_node_would_be_refused(api: Api) -> None:
    """The control: were weights kept on a path of the node, no department's pod could mount it."""
    api.apply(namespace("shop", "restricted", SHOP))
    api.apply(ACCOUNT)
    (deployment,) = [each for each in manifests_of(service(**CASES["EKS"])) if each["kind"] == "Deployment"]
    pod = pod_of(deployment)
    pod["spec"]["volumes"].append({"name": "node", "hostPath": {"path": "/var/lib/weights"}})
    with pytest.raises(Refused, match="restricted volume types"):
        api.apply(pod, dry_run=True)


def pod_of(workload: Object) -> Object:
    """One of its pods."""
    template = workload["spec"]["template"]
    metadata = {"name": "one", "namespace": "shop", **template["metadata"]}
    spec = {**template["spec"], "volumes": list(template["spec"]["volumes"])}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
