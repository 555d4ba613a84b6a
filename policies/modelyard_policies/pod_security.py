"""Pods that could run in a namespace with the restricted Pod Security Standard.

The rules follow the Kubernetes documentation's "Pod Security Standards", profile Restricted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import elements, entries, is_true, listed, read, require, shown
from modelyard_policies.network_policies import NAMESPACE
from modelyard_policies.ownership import PLATFORM
from modelyard_policies.pods import containers, kind, namespace
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import PodRule

_EXEMPT_NAMESPACES: Final = ("kube-system",)
_ENFORCE: Final = "pod-security.kubernetes.io/enforce"
_BASELINE_FOR: Final = "modelyard.dev/baseline-for"
"""Says whose pods cannot be restricted: those of a controller that gives nobody a say in them."""
_VOLUMES: Final = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
)
_PROFILES: Final = ("RuntimeDefault", "Localhost")


def rules() -> list[PodRule]:
    return [
        PodRule(
            "pod-security",
            "Pods keep to the restricted Pod Security Standard, and departments' namespaces enforce it.",
            check=_check,
            besides=(ResourceTypes(NAMESPACE), _namespace),
            settings={"exempt_namespaces": {"type": "array", "items": {"type": "string"}}},
        )
    ]


def _check(args: ResourceValidationArgs, pods: Any) -> Iterator[str]:
    if namespace(args.props) in args.get_config().get("exempt_namespaces", _EXEMPT_NAMESPACES):
        return
    if kind(args.resource_type) == "InferenceGraph":
        # The router's container is KServe's, and nothing of it is declared here.
        return
    yield from _pod(pods)
    pod_context = read(pods, "spec", "securityContext")
    for container in containers(pods):
        yield from _container(container.label, container.inputs, pod_context)


def _namespace(args: ResourceValidationArgs) -> Iterator[str]:
    labels = require(args.props, "metadata", "labels")
    department = require(labels, "modelyard.dev/department")
    enforced = require(labels, _ENFORCE)
    if not department or department == PLATFORM or enforced == "restricted":
        return
    of = f"the namespace of department {shown(department)} has {_ENFORCE} {shown(enforced)}"
    if enforced != "baseline":
        yield f"{of}, so it admits pods that can take over a node; set the label to 'restricted'."
    elif not require(args.props, "metadata", "annotations", _BASELINE_FOR):
        yield (
            f"{of}, so it admits pods that run as root; set the label to 'restricted', or say in the annotation "
            f"{_BASELINE_FOR} whose pods cannot be."
        )


def _pod(pods: Any) -> Iterator[str]:
    for flag in ("hostNetwork", "hostPID", "hostIPC"):
        if is_true(require(pods, "spec", flag)):
            yield f"spec.{flag} is true, which lets the pod see the node's own; leave it out."
    for volume in elements(require(pods, "spec", "volumes")):
        for source in (key for key, _ in entries(volume) if key != "name"):
            if source not in _VOLUMES:
                yield (
                    f"volume {shown(read(volume, 'name'))} is a {source}, which restricted pods may not have; use "
                    "one of "
                    f"{', '.join(_VOLUMES)}."
                )


def _container(label: str, container: Any, pod_context: Any) -> Iterator[str]:
    own = require(container, "securityContext")
    if is_true(require(own, "privileged")):
        yield f"{label} is privileged, which makes it root on the node; leave securityContext.privileged out."
    if not is_true(require(own, "runAsNonRoot", default=require(pod_context, "runAsNonRoot"))):
        yield f"{label} may run as root; set securityContext.runAsNonRoot to true, on the pod or the container."
    user = require(own, "runAsUser", default=require(pod_context, "runAsUser"))
    if user == 0:
        yield f"{label} runs as user 0, which is root; set securityContext.runAsUser to another number."
    escalation = require(own, "allowPrivilegeEscalation")
    if escalation is not False:
        yield (
            f"{label} has securityContext.allowPrivilegeEscalation {shown(escalation)}, so a program in it can become "
            "root; set it to false."
        )
    dropped = list(elements(require(own, "capabilities", "drop")))
    if "ALL" not in dropped:
        yield f"{label} drops the capabilities {listed(dropped)}; set securityContext.capabilities.drop to ['ALL']."
    added = [each for each in elements(require(own, "capabilities", "add")) if each != "NET_BIND_SERVICE"]
    if added:
        yield (
            f"{label} adds the capabilities {listed(added)}; only 'NET_BIND_SERVICE' may be added: leave the rest out."
        )
    profile = require(own, "seccompProfile", "type", default=require(pod_context, "seccompProfile", "type"))
    if profile not in _PROFILES:
        yield (
            f"{label} has the seccomp profile {shown(profile)}; set securityContext.seccompProfile.type to one of "
            f"{listed(_PROFILES)}, on the pod or the container."
        )
    ports = [read(port, "hostPort") for port in elements(require(container, "ports")) if read(port, "hostPort")]
    if ports:
        yield f"{label} takes host ports {listed(ports)}; leave hostPort out and put a Service in front."
