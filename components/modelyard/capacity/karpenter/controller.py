"""Karpenter, which starts and ends machines of EC2 as pods need them."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from ...environment.problem import InvalidEnvironment, Problem
from ...governance.argument_forms import form_problems
from ...governance.arguments import check_keys
from ...governance.ownership import Ownership, OwnershipArgs
from ..software.kubernetes_object import declare
from ..software.pod_identity_guard import pod_identity_guard
from .controller_policy import karpenter_policy

NAMESPACE = "kube-system"
SERVICE_ACCOUNT = "karpenter"
_GUARD = "modelyard-karpenter-identity"
_MOST_REPLICAS = 10
_NEEDS_IDENTITY = {"modelyard.dev/needs-karpenter-identity": "true"}


class KarpenterArgs(TypedDict):
    """Karpenter on one EKS cluster."""

    region: str
    """AWS region of the cluster."""
    cluster_name: pulumi.Input[str]
    """Physical name of the EKS cluster; its Pod Identity agent must be installed."""
    node_role_arn: pulumi.Input[str]
    """IAM role of the nodes that Karpenter starts, for example ServingCluster's."""
    system_nodes: NotRequired[Mapping[str, str]]
    """Labels of the nodes on which it runs itself; never nodes of its own. Default: those of ServingCluster's system
    nodes."""
    replicas: NotRequired[int]
    """One of them works, each on a node of its own; at most 10. Default: 2."""
    repair: NotRequired[bool]
    """Whether it replaces nodes that the node monitoring agent finds broken. Default: true."""
    zonal_shift: NotRequired[bool]
    """Whether it starts no node in a zone from which traffic is shifted away; the cluster must have zonal shift
    enabled, or it does not start. Default: false."""
    disk_kms_key_arn: NotRequired[pulumi.Input[str]]
    """KMS key of the nodes' disks. Default: the account's aws/ebs key."""
    access_entry: NotRequired[bool]
    """Whether to let nodes of this role join the cluster. Not needed for a role that a managed node group has: EKS has
    done it then. Default: false."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""


class Karpenter(pulumi.ComponentResource):
    """The controller with its IAM role, a queue of interruptions, and its definitions of NodePool and EC2NodeClass.

    Takes the Kubernetes provider of the cluster from ``opts``. Pools with provisioner karpenter come after it.

    Raises:
        InvalidEnvironment: an argument is unknown, missing or wrong.
    """

    controller_role_arn: pulumi.Output[str]
    """IAM role of the controller."""
    interruption_queue_name: pulumi.Output[str]
    """Name of the queue."""

    def __init__(self, name: str, args: KarpenterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"Karpenter {name}"
        check_keys(args, KarpenterArgs, component)
        problems = form_problems(component, "aws", args)
        if not 1 <= args.get("replicas", 2) <= _MOST_REPLICAS:
            text = f"must be from 1 to {_MOST_REPLICAS}, not {args.get('replicas')}"
            problems.append(Problem(component, "replicas", text))
        if problems:
            raise InvalidEnvironment(problems)
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:Karpenter", name, {}, opts)
        import pulumi_aws as aws

        from ...governance.pod_identity_role import PodIdentityRole
        from ..software.release import release
        from .interruption import interruption_queue

        region, cluster_name, child = args["region"], args["cluster_name"], pulumi.ResourceOptions(parent=self)
        queue, events = interruption_queue(f"{name}-karpenter", region=region, ownership=ownership, parent=self)
        known = pulumi.Output.all(cluster_name, args["node_role_arn"], queue.arn, args.get("disk_kms_key_arn"))
        access = PodIdentityRole(
            f"{name}-karpenter",
            {
                "region": region,
                "cluster_name": cluster_name,
                "namespace": NAMESPACE,
                "service_account": SERVICE_ACCOUNT,
                "policy": known.apply(
                    lambda each: karpenter_policy(
                        cluster_name=each[0],
                        region=region,
                        node_role_arn=each[1],
                        queue_arn=each[2],
                        disk_kms_key_arn=each[3],
                    )
                ),
                "ownership": args["ownership"],
            },
            child,
        )
        before: list[pulumi.Resource] = [access.association, *events]
        if args.get("access_entry", False):
            before.append(
                aws.eks.AccessEntry(
                    f"{name}-karpenter-nodes",
                    cluster_name=cluster_name,
                    principal_arn=args["node_role_arn"],
                    type="EC2_LINUX",
                    region=region,
                    tags=ownership.aws_tags(),
                    opts=child,
                )
            )
        guard = pod_identity_guard(ownership, name=_GUARD, pods=_NEEDS_IDENTITY)
        before += [declare(f"{name}-karpenter-{each['kind']}", each, child) for each in guard]
        definitions = release(f"{name}-karpenter-crd", "karpenter-crd", namespace=NAMESPACE, values={}, opts=child)
        values = karpenter_values(
            cluster_name=cluster_name,
            queue_name=queue.name,
            system_nodes=args.get("system_nodes", {"modelyard.dev/pool": "system"}),
            replicas=args.get("replicas", 2),
            repair=args.get("repair", True),
            zonal_shift=args.get("zonal_shift", False),
        )
        self.release = release(
            f"{name}-karpenter",
            "karpenter",
            namespace=NAMESPACE,
            values=values,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[definitions, *before]),
        )
        self.controller_role_arn, self.interruption_queue_name = access.role_arn, queue.name
        self.register_outputs(
            {"controllerRoleArn": self.controller_role_arn, "interruptionQueueName": self.interruption_queue_name}
        )


def karpenter_values(
    *,
    cluster_name: Any,
    queue_name: Any,
    system_nodes: Mapping[str, str],
    replicas: int,
    repair: bool,
    zonal_shift: bool = False,
) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version. ``cluster_name`` and ``queue_name`` may be outputs."""
    return {
        "replicas": replicas,
        "serviceAccount": {"create": True, "name": SERVICE_ACCOUNT},
        "settings": {
            "clusterName": cluster_name,
            "interruptionQueue": queue_name,
            "featureGates": {"nodeRepair": repair},
            **({"enableZonalShift": True} if zonal_shift else {}),
        },
        "podLabels": dict(_NEEDS_IDENTITY),
        "nodeSelector": {"kubernetes.io/os": "linux", **system_nodes},
        "controller": {
            "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}},
        },
        "serviceMonitor": {"enabled": False},
    }
