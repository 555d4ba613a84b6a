"""Values of a component's arguments that no declaration is asked about."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.capacity.gpu_node_pool_args import GpuNodePoolArgs
from modelyard.capacity.serving_cluster_args import ServingClusterArgs
from modelyard.environment.gpu_pool import GpuPool
from modelyard.environment.problem import InvalidEnvironment
from modelyard.governance.arguments import key_problems, read_arguments

OWNER = {"department": "platform", "cost_center": "CC-1", "environment": "prod", "owner": "ml@shop.example"}
POOL: dict[str, Any] = {
    "region": "us-east-1",
    "cluster": "east",
    "cluster_name": "prod-east",
    "name": "l4",
    "accelerator": "L4",
    "ownership": OWNER,
}
BEFOREHAND = "that the program knows beforehand, not an Output; write it, or read it from the stack's config"


class Cluster(pulumi.Resource):
    """Given where its name is wanted; never registered."""

    def __init__(self) -> None:
        pass


def refused(**changes: Any) -> str:
    with pytest.raises(InvalidEnvironment) as found:
        read_arguments(GpuPool, {**POOL, **changes}, GpuNodePoolArgs, "GpuNodePool l4")
    return str(found.value)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"region": ["us-east-1"]}, "region: must be text, not a list"),
        ({"region": pulumi.Output.from_input("us-east-1")}, f"region: must be text {BEFOREHAND}"),
        ({"cluster": None}, "cluster: is missing and has no default; add it"),
        ({"cluster": ""}, "cluster: is empty; write it"),
        ({"cluster_name": 7}, "cluster_name: must be text or an Output of it, not 7"),
        (
            {"cluster_name": Cluster()},
            "cluster_name: must be text or an Output of it, not a resource; give its name, id or ARN",
        ),
        ({"node_role_arn": ""}, "node_role_arn: is empty; write it, or delete the key"),
        ({"subnet_ids": "subnet-0a1b2c3d"}, "subnet_ids: must be a list or an Output of it, not 'subnet-0a1b2c3d'"),
        ({"subnet_ids": ["subnet-0a1b2c3d", None]}, "subnet_ids[1]: must be text or an Output of it, not nothing"),
        ({"max_nodes": pulumi.Output.from_input(3)}, f"max_nodes: must be a whole number {BEFOREHAND}"),
        ({"labels": {"team": pulumi.Output.from_input("a")}}, f"labels.team: must be text {BEFOREHAND}"),
        ({"instance_types": [pulumi.Output.from_input("a")]}, f"instance_types[0]: must be text {BEFOREHAND}"),
        (
            {"capacity": "reservation", "reservation": {"id": pulumi.Output.from_input("cr-1")}},
            f"reservation.id: must be text {BEFOREHAND}",
        ),
        ({"ownership": None}, "ownership: is missing and has no default; add it"),
        ({"ownership": "platform"}, "ownership: must be a mapping of keys to values, not 'platform'"),
        ({"ownership": {**OWNER, "owner": 3}}, "ownership.owner: must be text, not 3"),
        (
            {"ownership": {**OWNER, "owner": pulumi.Output.secret("ml@shop.example")}},
            f"ownership.owner: must be text {BEFOREHAND}",
        ),
        ({"ownership": {**OWNER, "owner": "ml"}}, "ownership.owner: 'ml' is not an e-mail address"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_one_sentence(args: dict[str, Any], message: str) -> None:
    assert refused(**args) == f"GpuNodePool l4: {message}"


def test_values_are_refused_with_all_else_that_is_wrong() -> None:
    assert refused(cluster=1, max_nodes=0, spott={}).splitlines() == [
        "GpuNodePool l4: spott: 'spott' is not an argument; did you mean 'spot'? " + refused(spott={}).split("? ")[1],
        "GpuNodePool l4: cluster: must be text, not 1",
        "GpuNodePool l4: max_nodes: must be at least 1, not 0",
    ]


def test_what_another_resource_gives_is_taken() -> None:
    ids = pulumi.Output.from_input("subnet-0a1b2c3d")
    for subnets in (ids.apply(lambda one: [one]), [ids, "subnet-0a1b2c3e"], ("subnet-0a1b2c3e",)):
        args = {**POOL, "cluster_name": ids, "subnet_ids": subnets, "kubernetes_version": None}
        assert read_arguments(GpuPool, args, GpuNodePoolArgs, "GpuNodePool l4").name == "l4"


def test_a_switch_has_a_value() -> None:
    args = {"name": "east", "region": "us-east-1", "ownership": OWNER, "node_repair": None, "weight_streaming": "yes"}
    assert [str(problem) for problem in key_problems(args, ServingClusterArgs, "ServingCluster e", ("name",))] == [
        "ServingCluster e: node_repair: has no value; give it true or false, or delete the key",
        "ServingCluster e: weight_streaming: must be true or false, not 'yes'",
    ]


def test_secrets_are_not_shown() -> None:
    key = "A" + "KIA" + "IOSFODNN7EXAMPLE"
    assert key not in refused(subnet_ids=key)


def test_arguments_are_a_mapping() -> None:
    with pytest.raises(InvalidEnvironment, match=r"^GpuNodePool l4: its arguments must be a mapping of keys to values"):
        read_arguments(GpuPool, None, GpuNodePoolArgs, "GpuNodePool l4")  # pyright: ignore[reportArgumentType]
