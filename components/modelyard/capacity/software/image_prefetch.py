"""Images of many gigabytes on every node of a pool before a pod asks for them, as a Pulumi component."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from modelyard.capacity.software.device_plugin import GPU_TOLERATIONS
from modelyard.capacity.software.kubernetes_object import declare
from modelyard.catalog import images
from modelyard.environment.problem import InvalidEnvironment, Problem
from modelyard.governance.arguments import check_keys
from modelyard.governance.ownership import Ownership, OwnershipArgs
from modelyard.governance.pod_security import RESTRICTED, restricted_pod

_CONTAINER: dict[str, Any] = {
    "imagePullPolicy": "IfNotPresent",
    "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "64Mi"}},
    "securityContext": RESTRICTED,
}


class ImagePrefetchArgs(TypedDict):
    """Images for the nodes of one pool."""

    ownership: OwnershipArgs
    """Whose they are; the pods run in the namespace named like the department, by its right to pull."""
    pool: str
    """Nodes labelled modelyard.dev/pool=<pool>."""
    images: Sequence[pulumi.Input[str]]
    """Full references, at least one. Each has to hold the command ``true``, as images of Linux distributions do."""
    priority_class: NotRequired[str]
    """Of its pods. Default: none, so that they make room for everything else."""


class ImagePrefetch(pulumi.ComponentResource):
    """A DaemonSet whose pods start each image once, to no effect, and then rest: the kubelet has fetched it by then.

    What a new node is brought for still waits, since both fetch at once. Every later pod finds the image: that of a
    rollout, of a scale-up, of another model on the node. Takes the Kubernetes provider of the cluster from ``opts``.

    Raises:
        InvalidEnvironment: an argument is missing or unknown, or there is no image.
    """

    def __init__(self, name: str, args: ImagePrefetchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_keys(args, ImagePrefetchArgs, f"ImagePrefetch {name}")
        if not args["images"]:
            problem = "is empty; name an image, or leave the component out"
            raise InvalidEnvironment([Problem(f"ImagePrefetch {name}", "images", problem)])
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:ImagePrefetch", name, {}, opts)
        manifest = prefetch(ownership, args["pool"], args["images"], args.get("priority_class"))
        declare(name, manifest, pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def prefetch(ownership: Ownership, pool: str, wanted: Sequence[Any], priority_class: str | None) -> dict[str, Any]:
    """The DaemonSet; its pods are restricted ("Pod Security Standards" of the Kubernetes documentation)."""
    name = f"prefetch-{pool}"
    labels = {**ownership.kubernetes_labels(), "app.kubernetes.io/name": name}
    selector = {"app.kubernetes.io/name": name}
    numbered = enumerate(wanted, start=1)
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": ownership.department, "labels": labels},
        "spec": {
            "selector": {"matchLabels": selector},
            # Nobody calls these pods: all may go at once.
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "nodeSelector": {"modelyard.dev/pool": pool},
                    "tolerations": GPU_TOLERATIONS,
                    **({} if priority_class is None else {"priorityClassName": priority_class}),
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "terminationGracePeriodSeconds": 1,
                    "securityContext": restricted_pod(65534),
                    "initContainers": [
                        {"name": f"image-{number}", "image": image, "command": ["true"], **_CONTAINER}
                        for number, image in numbered
                    ],
                    "containers": [{"name": "rest", "image": images.get("pause").pinned, **_CONTAINER}],
                },
            },
        },
    }
