"""Rules on pods: GPUs, requests, the restricted standard, secrets."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource

from .recorded import RESTRICTED, container, deployment, messages, resource

GPU = "nvidia.com/gpu"
NO_TOLERATION = (
    f"the pods use {GPU} and do not tolerate the taint {GPU}=present:NoSchedule, so no GPU node takes them; add the "
    f"toleration {{key: {GPU}, operator: Exists, effect: NoSchedule}}."
)


def with_resources(**resources: Any) -> Resource:
    return deployment(pod={"containers": [container(resources=resources)]})


def with_tolerations(*tolerations: dict[str, Any]) -> Resource:
    return deployment(pod={"tolerations": list(tolerations)})


def on_gpu_node(kind: str) -> Resource:
    found = deployment(
        pod={"containers": [container(resources={})], "nodeSelector": {"modelyard.dev/accelerator": "L4"}}
    )
    return resource(f"kubernetes:apps/v1:{kind}", found.inputs)


def claiming(limits: dict[str, Any] | None = None, **spec: Any) -> Resource:
    resources = {"claims": [{"name": "gpu"}], **({"limits": limits} if limits else {})}
    pod = {
        "containers": [container(resources=resources)],
        "resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "tagger-gpus-1"}],
        "tolerations": [{"key": GPU, "operator": "Exists"}],
        **spec,
    }
    return deployment(pod=pod)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (deployment(), []),
        (with_resources(limits={GPU: "2"}, requests={GPU: 2.0}), []),
        (
            with_resources(limits={GPU: 0.5}),
            [f"container 'triton' has 0.5 as its limit of {GPU}; GPUs are given whole: set a whole number from 1."],
        ),
        (
            with_resources(limits={GPU: "0"}),
            [f"container 'triton' has '0' as its limit of {GPU}; GPUs are given whole: set a whole number from 1."],
        ),
        (
            with_resources(requests={GPU: 1.0}),
            [
                f"container 'triton' requests 1 {GPU} without a limit, which Kubernetes refuses; set "
                f"resources.limits[{GPU}] to a whole number."
            ],
        ),
        (
            with_resources(limits={GPU: 2}, requests={GPU: 1}),
            [
                f"container 'triton' requests 1 {GPU} and is limited to 2; Kubernetes wants both equal: leave the "
                "request out."
            ],
        ),
        (with_tolerations({"operator": "Exists"}), []),
        (with_tolerations({"key": GPU, "value": "present"}), []),
        (with_tolerations({"key": GPU, "value": "present", "effect": "NoSchedule"}), []),
        (with_tolerations(), [NO_TOLERATION]),
        (with_tolerations({"key": GPU, "operator": "Exists", "effect": "NoExecute"}), [NO_TOLERATION]),
        (with_tolerations({"key": GPU, "value": "true"}), [NO_TOLERATION]),
        (
            on_gpu_node("Deployment"),
            [
                "the pods run only on nodes with the label modelyard.dev/accelerator and use no nvidia.com/gpu, so "
                "they "
                "take room that is paid for its GPUs; set resources.limits[nvidia.com/gpu], or leave the label out."
            ],
        ),
        (on_gpu_node("DaemonSet"), []),
        (
            with_resources(limits={"google.com/tpu": 0.5}),
            [
                "container 'triton' has 0.5 as its limit of google.com/tpu; TPU chips are given whole: set a whole "
                "number from 1.",
                "the pods use google.com/tpu and do not tolerate the taint google.com/tpu=present:NoSchedule, so no "
                "TPU chip node takes them; add the toleration {key: google.com/tpu, operator: Exists, effect: "
                "NoSchedule}.",
            ],
        ),
        (
            with_resources(limits={"aws.amazon.com/neuroncore": 1}),
            [
                "the pods use aws.amazon.com/neuroncore and do not tolerate the taint "
                "aws.amazon.com/neuron=present:NoSchedule, so no NeuronCore node takes them; add the toleration "
                "{key: aws.amazon.com/neuron, operator: Exists, effect: NoSchedule}.",
            ],
        ),
        (claiming(), []),
        (claiming(nodeSelector={"nvidia.com/gpu.present": "true"}), []),
        (claiming(tolerations=[]), [NO_TOLERATION.replace(f"use {GPU}", "claim GPUs")]),
        (
            claiming(resourceClaims=[{"name": "other", "resourceClaimTemplateName": "gpu"}]),
            [
                "container 'triton' claims 'gpu', which the pods do not: Kubernetes refuses that; name a "
                "ResourceClaimTemplate for it in spec.resourceClaims."
            ],
        ),
        (
            claiming(limits={GPU: 1}),
            [
                f"container 'triton' claims 'gpu' and asks for {GPU} besides, and no node hands out its GPUs in both "
                "ways; keep one."
            ],
        ),
        (deployment(pod={"containers": [container(resources={})], "tolerations": []}), []),
    ],
)
def test_gpu_limits_and_tolerations(found: Resource, expected: list[str]) -> None:
    assert messages("gpu-limits-and-tolerations", found) == expected


@pytest.mark.parametrize(
    ("resources", "missing"),
    [
        ({"requests": {"cpu": "1", "memory": "1Gi"}}, ""),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, ""),
        ({"requests": {"cpu": UNKNOWN, "memory": "1Gi"}}, ""),
        ({"requests": {"cpu": "1"}}, "memory"),
        ({}, "cpu and no memory"),
    ],
)
def test_resource_requests(resources: dict[str, Any], missing: str) -> None:
    expected = [
        f"container 'triton' requests no {missing}, so it is placed and charged as if it needed none; set "
        "resources.requests."
    ]
    assert messages("resource-requests", with_resources(**resources)) == (expected if missing else [])


def secured(**changes: Any) -> Resource:
    return deployment(pod={"containers": [container(securityContext={**RESTRICTED, **changes})]})


def pod(**spec: Any) -> Resource:
    return deployment(pod=spec)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (deployment(), []),
        (
            deployment(
                pod={
                    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [
                        container(
                            securityContext={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
                        )
                    ],
                    "volumes": [{"name": "shm", "emptyDir": {"medium": "Memory"}}],
                }
            ),
            [],
        ),
        (
            pod(hostNetwork=True),
            ["spec.hostNetwork is true, which lets the pod see the node's own; leave it out."],
        ),
        (
            pod(volumes=[{"name": "root", "hostPath": {"path": "/"}}]),
            [
                "volume 'root' is a hostPath, which restricted pods may not have; use one of configMap, csi, "
                "downwardAPI, "
                "emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret."
            ],
        ),
        (
            secured(privileged=True),
            [
                "container 'triton' is privileged, which makes it root on the node; leave "
                "securityContext.privileged out."
            ],
        ),
        (
            secured(runAsNonRoot=False),
            [
                "container 'triton' may run as root; set securityContext.runAsNonRoot to true, on the pod or the "
                "container."
            ],
        ),
        (
            secured(runAsUser=0.0),
            ["container 'triton' runs as user 0, which is root; set securityContext.runAsUser to another number."],
        ),
        (
            secured(allowPrivilegeEscalation=None),
            [
                "container 'triton' has securityContext.allowPrivilegeEscalation not set, so a program in it can "
                "become "
                "root; set it to false."
            ],
        ),
        (
            secured(capabilities={"drop": ["NET_RAW"], "add": ["NET_BIND_SERVICE", "SYS_ADMIN"]}),
            [
                "container 'triton' drops the capabilities 'NET_RAW'; set securityContext.capabilities.drop to "
                "['ALL'].",
                "container 'triton' adds the capabilities 'SYS_ADMIN'; only 'NET_BIND_SERVICE' may be added: leave the "
                "rest out.",
            ],
        ),
        (
            secured(seccompProfile={"type": "Unconfined"}),
            [
                "container 'triton' has the seccomp profile 'Unconfined'; set securityContext.seccompProfile.type "
                "to one "
                "of 'RuntimeDefault', 'Localhost', on the pod or the container."
            ],
        ),
        (
            deployment(pod={"containers": [container(ports=[{"containerPort": 8000, "hostPort": 80.0}])]}),
            ["container 'triton' takes host ports 80; leave hostPort out and put a Service in front."],
        ),
    ],
)
def test_pod_security(found: Resource, expected: list[str]) -> None:
    assert messages("pod-security", found) == expected


def test_the_systems_own_namespace_is_exempt() -> None:
    found = pod(hostNetwork=True)
    found.inputs["metadata"]["namespace"] = "kube-system"
    assert messages("pod-security", found) == []
    assert len(messages("pod-security", found, settings={"exempt_namespaces": []})) == 1


ADVICE = "keep it in a Secret and refer to it with valueFrom.secretKeyRef"
KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
KEY_BLOCK = "-----BEGIN " + "RSA PRIVATE KEY-----\nabc"
REFERENCE = {"secretKeyRef": {"name": "s", "key": "k"}}


def plain_text(name: str) -> list[str]:
    return [f"container 'triton' gives '{name}' its value in plain text; {ADVICE}."]


def holds(what: str, name: str) -> list[str]:
    return [f"container 'triton' has {what} as the value of '{name}'; {ADVICE}."]


def with_env(**variable: Any) -> Resource:
    return deployment(pod={"containers": [container(env=[variable])]})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (with_env(name="LOG_LEVEL", value="info"), []),
        (with_env(name="DB_PASSWORD", valueFrom=REFERENCE), []),
        (with_env(name="DB_PASSWORD", value=""), []),
        (with_env(name="DB_PASSWORD_FILE", value="/run/secrets/db"), []),
        (with_env(name="MAX_TOKENS", value="512"), []),
        (with_env(name="SECRET_NAME", value="db"), []),
        (with_env(name="API_KEY", value="$(POD_UID)"), []),
        (with_env(name="DB_PASSWORD", value="hunter2"), plain_text("DB_PASSWORD")),
        (with_env(name="hf.token", value=UNKNOWN), plain_text("hf.token")),
        (with_env(name="ID", value=KEY_ID), holds("an AWS access key", "ID")),
        (
            with_env(name="DATABASE", value="postgres://app:hunter2@db/models"),
            holds("a URL with a password", "DATABASE"),
        ),
        (with_env(name="DATABASE", value="postgres://db:5432/models"), []),
        (
            deployment(pod={"containers": [container(args=["serve", "--key=" + KEY_ID])]}),
            [f"container 'triton' has an AWS access key in args[1]; {ADVICE} in an environment variable."],
        ),
        (
            resource("kubernetes:core/v1:ConfigMap", {"data": {"tls.key": KEY_BLOCK, "a": "b"}}),
            ["data['tls.key'] holds a private key, which every reader of ConfigMaps sees; keep it in a Secret."],
        ),
    ],
)  # fmt: skip
def test_secrets_not_in_env(found: Resource, expected: list[str]) -> None:
    assert messages("secrets-not-in-env", found) == expected
