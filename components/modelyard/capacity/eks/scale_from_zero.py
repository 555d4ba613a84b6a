"""What the node autoscaler has to know about a pool that has no node to look at.

Follows "Auto-discovery setup" and "Scaling a node group to 0" of the cluster autoscaler's AWS page. EKS itself
puts the discovery tags on the group. The autoscaler can also ask EKS for labels and taints, yet only where its role
may and EKS answers; tags work without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

_TEMPLATE = "k8s.io/cluster-autoscaler/node-template"
_KEY_LIMIT = 128
"""Characters of an Auto Scaling group's tag key; a longer label is left to what EKS answers."""
_TAG_LIMIT = 50 - 5
"""Tags that a group takes ("Tag Auto Scaling groups and instances") beside the five that EKS puts there; what is above
is left to what EKS answers too."""


def node_template_tags(
    labels: Mapping[str, str], taints: Sequence[tuple[str, str, str]], resources: Mapping[str, int]
) -> dict[str, str]:
    """Tags that describe the node that the next scale-up would give, as many as the group takes: what pods ask for and
    what keeps them away first, then labels, those that pods of models go by before others."""
    tags = {f"{_TEMPLATE}/resources/{key}": str(count) for key, count in resources.items()}
    tags |= {f"{_TEMPLATE}/taint/{key}": f"{value}:{effect}" for key, value, effect in taints}
    by_use = sorted(labels.items(), key=lambda label: not label[0].startswith("modelyard.dev/"))
    tags |= {f"{_TEMPLATE}/label/{key}": value for key, value in by_use}
    return dict([(key, value) for key, value in tags.items() if len(key) <= _KEY_LIMIT][:_TAG_LIMIT])


def tag_autoscaling_group(
    name: str,
    *,
    group_name: pulumi.Input[str],
    tags: Mapping[str, str],
    region: str,
    parent: pulumi.Resource,
) -> None:
    """The tags on the group alone, not on its instances."""
    for key, value in tags.items():
        aws.autoscaling.Tag(
            f"{name}-{key.removeprefix(_TEMPLATE + '/')}",
            autoscaling_group_name=group_name,
            tag={"key": key, "value": value, "propagate_at_launch": False},
            region=region,
            opts=pulumi.ResourceOptions(parent=parent),
        )
