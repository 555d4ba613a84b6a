"""The simulated Kubernetes: names, namespaces, ids, replacement."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN
from modelyard.offline.simulated import SimulatedKubernetes
from modelyard.offline.simulated.unknown_token import UnknownResource

from .programs import urn

CLUSTER = SimulatedKubernetes({"kubeconfig": "{}", "namespace": "ml"})
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NAMESPACE = "kubernetes:core/v1:Namespace"
SERVICE = "kubernetes:core/v1:Service"
RELEASE = "kubernetes:helm.sh/v3:Release"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
AUTONAMED = {"pulumi.com/autonamed": "true"}


def identity(token: str) -> dict[str, Any]:
    api, _, kind = token.removeprefix("kubernetes:").rpartition(":")
    return {"apiVersion": api.removeprefix("core/"), "kind": kind}


@pytest.mark.parametrize(
    ("token", "metadata", "expected", "id_"),
    [
        (NAMESPACE, {"name": "prod"}, {"name": "prod"}, "prod"),
        (NAMESPACE, {}, {"name": "x-a3b69cf7", "annotations": AUTONAMED}, "x-a3b69cf7"),
        (SERVICE, {"name": "web"}, {"name": "web", "namespace": "ml"}, "ml/web"),
        (SERVICE, {"name": "web", "namespace": "other"}, {"name": "web", "namespace": "other"}, "other/web"),
        (MONITOR, {"name": "web"}, {"name": "web", "namespace": "ml"}, "ml/web"),
        ("kubernetes:karpenter.sh/v1:NodePool", {"name": "gpu"}, {"name": "gpu"}, "gpu"),
        ("kubernetes:storage.k8s.io/v1:StorageClass", {"name": "fast"}, {"name": "fast"}, "fast"),
    ],
)
def test_names_and_namespaces(token: str, metadata: dict[str, Any], expected: dict[str, Any], id_: str) -> None:
    inputs = {**identity(token), "metadata": metadata}
    if token.endswith("StorageClass"):
        inputs["provisioner"] = "ebs.csi.aws.com"
    checked = CLUSTER.check(token, urn(token, "x"), inputs)
    assert checked.problems == []
    assert checked.inputs["metadata"] == expected
    assert CLUSTER.create(token, urn(token, "x"), checked.inputs, preview=False).id == id_
    assert CLUSTER.create(token, urn(token, "x"), checked.inputs, preview=True).id is UNKNOWN


def test_the_namespace_is_default_unless_the_provider_says_otherwise() -> None:
    plain = SimulatedKubernetes({})
    checked = plain.check(SERVICE, urn(SERVICE, "x"), {**identity(SERVICE), "metadata": {"name": "web"}})
    assert checked.inputs["metadata"]["namespace"] == "default"


def test_a_chart_is_a_release() -> None:
    checked = CLUSTER.check(RELEASE, urn(RELEASE, "monitoring"), {"chart": "prometheus", "values": {"a": 1}})
    assert checked.inputs["name"] == "monitoring-ed73117b"
    assert checked.inputs["namespace"] == "ml"
    created = CLUSTER.create(RELEASE, urn(RELEASE, "monitoring"), checked.inputs, preview=False)
    assert created.id == "ml/monitoring-ed73117b"
    assert created.outputs["status"]["status"] == "deployed"


@pytest.mark.parametrize(
    ("token", "old", "new", "changed", "replace"),
    [
        (SERVICE, {"spec": {"a": 1}}, {"spec": {"a": 1}}, (), ()),
        (SERVICE, {"spec": {"a": 1}}, {"spec": {"a": 2}}, ("spec",), ()),
        (SERVICE, {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, ("metadata",), ("metadata",)),
        (SERVICE, {"metadata": {"name": "a"}}, {"metadata": {"name": "a", "labels": {}}}, ("metadata",), ()),
        (
            "kubernetes:storage.k8s.io/v1:StorageClass",
            {"provisioner": "a"},
            {"provisioner": "b"},
            ("provisioner",),
            ("provisioner",),
        ),
    ],
)
def test_what_changed_and_what_must_be_replaced(
    token: str, old: dict[str, Any], new: dict[str, Any], changed: tuple[str, ...], replace: tuple[str, ...]
) -> None:
    difference = CLUSTER.diff(token, urn(token, "x"), new, old)
    assert (difference.changed, difference.replace) == (changed, replace)


def test_manifests_are_decoded() -> None:
    text = "kind: A\n---\n---\nkind: SomeList\nitems: [{kind: B}, {kind: C}]\n"
    decoded = CLUSTER.invoke("kubernetes:yaml:decode", {"text": text}, preview=True).outputs
    assert decoded == {"result": [{"kind": "A"}, {"kind": "B"}, {"kind": "C"}]}


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownResource, match="knows no resource type 'kubernetes:apps/v1:Deploymint'"):
        CLUSTER.read("kubernetes:apps/v1:Deploymint", urn("kubernetes:apps/v1:Deploymint", "x"), "a", {}, preview=True)
    refused = CLUSTER.check("kubernetes:apps/v1:Deploymint", urn("kubernetes:apps/v1:Deploymint", "x"), {})
    assert [problem.reason for problem in refused.problems] == [
        "the simulated kubernetes provider knows no resource type 'kubernetes:apps/v1:Deploymint'; "
        "did you mean 'kubernetes:apps/v1:Deployment'?"
    ]
