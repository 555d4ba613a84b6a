"""What resolving decides when nothing is wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from modelyard.environment.gpu_pool import GpuPool, Taint
from modelyard.environment.problem import InvalidEnvironment
from modelyard.resolve.gpu_pool import architecture_of, resolve_gpu_pool

from .world import FILES, PLATFORM, TOYS, only_model, resolved, write

STACKS = Path(__file__).parents[3] / "stacks"


@pytest.mark.parametrize(
    ("accelerator", "count", "expected"),
    [
        ("L4", 1, ("g6.xlarge", "g6.2xlarge", "g6.4xlarge")),
        ("T4", 1, ("g4dn.xlarge", "g4dn.2xlarge", "g4dn.4xlarge")),
        ("H100", 8, ("p5.48xlarge",)),
    ],
)
def test_default_instance_types_are_the_cheapest_with_that_count(
    accelerator: str, count: int, expected: tuple[str, ...]
) -> None:
    pool = GpuPool(name="gpu", accelerator=accelerator, gpus_per_node=count)
    assert resolve_gpu_pool(pool, cluster="east", region="us-east-1").instance_types == expected


def test_resolved_pool() -> None:
    declared = GpuPool(
        name="l4",
        accelerator="L4",
        instance_types=["g6.2xlarge", "g6.xlarge"],
        capacity="spot",
        min_nodes=1,
        max_nodes=3,
        image="bottlerocket_nvidia",
        labels={"example.com/team": "toys"},
        taints=[Taint(key="example.com/only", value="toys")],
    )
    pool = resolve_gpu_pool(declared, cluster="east", region="us-east-1")
    assert pool.image == "BOTTLEROCKET_x86_64_NVIDIA"
    assert pool.price_basis == "aws/us-east-1/g6.2xlarge/spot"
    assert pool.desired_nodes == 1
    assert pool.gpu_memory_mib == 22888
    assert pool.allocatable_cpu < 4, "of the smallest type"
    assert pool.labels == {
        "example.com/team": "toys",
        "modelyard.dev/cluster": "east",
        "modelyard.dev/pool": "l4",
        "modelyard.dev/accelerator": "L4",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.deploy.operands": "false",
    }
    assert pool.taints == (("nvidia.com/gpu", "present", "NoSchedule"), ("example.com/only", "toys", "NoSchedule"))


def test_pool_by_itself_raises_what_an_environment_would_tell() -> None:
    pool = GpuPool(name="l4", accelerator="L4", instance_types=["g5.xlarge"])
    with pytest.raises(InvalidEnvironment) as raised:
        resolve_gpu_pool(pool, cluster="east", region="us-east-1")
    assert str(raised.value) == "GpuNodePool l4: instance_types[0]: 'g5.xlarge' has 1 A10G; the pool declares 1 L4"


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        *((name, "x86_64") for name in ("g6.xlarge", "g4dn.xlarge", "gr6.4xlarge", "p5en.48xlarge", "m6i.xlarge")),
        *((name, "arm64") for name in ("g5g.xlarge", "m7g.large", "c6gn.large", "x2gd.large", "p6e-gb200.36xlarge")),
    ],
)
def test_architecture(name: str, architecture: str) -> None:
    assert architecture_of(name) == architecture


def test_default_pool_is_the_cheapest_on_demand_pool_on_which_it_fits(tmp_path: Path) -> None:
    platform = PLATFORM.replace(
        "      - name: l4-spot",
        "      - {name: t4, accelerator: T4, instance_types: [g4dn.xlarge]}\n      - name: l4-spot",
    )
    toys = TOYS.replace("    pool: l4\n    overflow_pool: l4-spot\n", "    resources: {cpu: 2, memory_gib: 8}\n")
    assert pool_of(write(tmp_path, platform, toys)) == "t4"
    needs_more = toys.replace("memory_gib: 8", "memory_gib: 20")
    assert pool_of(write(tmp_path, platform, needs_more)) == "l4"


def test_model_without_gpus_has_no_pool(tmp_path: Path) -> None:
    toys = TOYS.replace("    pool: l4\n    overflow_pool: l4-spot\n", "    resources: {gpus: 0}\n")
    model = only_model(write(tmp_path, toys=toys))
    assert (model.pool, model.rollout.max_surge) == (None, 1)


def test_image_is_pinned_by_digest(tmp_path: Path) -> None:
    model = only_model(write(tmp_path))
    assert model.image is not None
    assert model.image.startswith("nvcr.io/nvidia/tritonserver:")
    assert "@sha256:" in model.image


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("toys/tagging:1.4.2", "registry:toys/tagging:1.4.2"),
        ("example.com/triton:1@sha256:" + "0" * 64, "example.com/triton:1@sha256:" + "0" * 64),
    ],
)
def test_own_image(tmp_path: Path, image: str, expected: str) -> None:
    assert only_model(write(tmp_path, toys=TOYS + f"    image: '{image}'\n")).image == expected


def test_repository_lists_files_with_their_checksums(tmp_path: Path) -> None:
    files = {**FILES, "labels.txt": "cat\n", ".DS_Store": "x", "1/__pycache__/a.pyc": "x", "2/model.onnx": "later"}
    model = only_model(write(tmp_path, models={"tagging": files}))
    assert model.repository is not None and model.url is None
    listed = model.repository.files
    assert [file.key for file in listed] == ["tagging/1/model.onnx", "tagging/config.pbtxt", "tagging/labels.txt"]
    assert listed[0].sha256 == hashlib.sha256(b"weights").hexdigest()
    assert (listed[0].size, model.repository.served.config.max_batch_size) == (7, 8)


@pytest.mark.parametrize(
    ("changed", "rolls"),
    [({"1/model.onnx": "other"}, True), ({"labels.txt": "cat"}, True), ({"2/model.onnx": "later"}, False)],
)
def test_digest_changes_with_what_is_served(tmp_path: Path, changed: dict[str, str], rolls: bool) -> None:
    before = only_model(write(tmp_path)).stable.digest
    after = only_model(write(tmp_path, models={"tagging": changed})).stable.digest
    assert (before != after) is rolls


def test_remote_artefact(tmp_path: Path) -> None:
    folder = write(tmp_path, toys=TOYS.replace("../models/tagging", "s3://bucket/models/tagging/"))
    model = only_model(folder)
    assert (model.repository, model.url) == (None, "s3://bucket/models/tagging")
    notice = "model 'tagging' is loaded from an S3 folder of somebody else's; its files were not checked"
    assert notice in resolved(folder).notices


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        ("{min_replicas: 2, max_replicas: 2}", (1, 0)),
        ("{min_replicas: 4, max_replicas: 4}", (1, 0)),
        ("{min_replicas: 4, max_replicas: 5}", (1, 0)),
        ("{min_replicas: 4, max_replicas: 6}", (0, 1)),
        ("{min_replicas: 1, max_replicas: 9}", (0, 1)),
    ],
)
def test_rollout_surges_only_where_a_pod_more_has_room(tmp_path: Path, scaling: str, expected: tuple[int, int]) -> None:
    rollout = only_model(write(tmp_path, toys=TOYS + f"    scaling: {scaling}\n")).rollout
    assert (rollout.max_surge, rollout.max_unavailable) == expected


def test_rollout_counts_the_other_models_of_the_pool(tmp_path: Path) -> None:
    toys = TOYS.replace("    overflow_pool: l4-spot\n", "    scaling: {min_replicas: 2, max_replicas: 2}\n")
    other = (
        "  - {name: ranking, task: ranking, format: onnx, source: ../models/ranking, pool: l4, "
        "scaling: {min_replicas: 2, max_replicas: 2}}\n"
    )
    models = {"tagging": FILES, "ranking": {"1/model.onnx": "w"}}
    free = [model.rollout.max_surge for model in resolved(write(tmp_path, toys=toys, models=models)).models]
    full = [model.rollout.max_surge for model in resolved(write(tmp_path, toys=toys + other, models=models)).models]
    assert (free, full) == ([1], [0, 0])


NOTICES = [
    (
        [("{bastion: true}", "{}")],
        [],
        "nobody outside the VPC of cluster 'east' can reach its API: it has no public endpoint and no bastion, so "
        "pulumi up must run inside; set api_access.public_cidrs or api_access.bastion",
    ),
    (
        [("    api_access", "    network: {nat: none}\n    api_access")],
        [],
        "cluster 'east' has no NAT gateway, so its nodes cannot pull images from outside such as "
        "nvcr.io/nvidia/tritonserver:26.07-py3; mirror them into the image registry, or set network.nat",
    ),
    (
        [("monthly_budget_usd: 1000", "monthly_budget_usd: 499.50")],
        [],
        "the budgets of the departments add up to $500.00, more than the $499.50 of environment 'prod'",
    ),
    (
        [("monthly_budget_usd: 1000\n", "")],
        [],
        "environment 'prod' has no monthly_budget_usd, so its total is not judged",
    ),
    (
        [("[g6.2xlarge, g6.4xlarge]", "[g6.2xlarge]")],
        [],
        "the spot pool 'l4-spot' of cluster 'east' has one instance type, g6.2xlarge; when that has no capacity "
        "the pool has none: name more",
    ),
    ([], [("    overflow_pool: l4-spot\n", "")], "pool 'l4-spot' of cluster 'east' serves no model"),
    ([], [], "model 'tagging' has no objective, so nothing says how many replicas it needs"),
    (
        [],
        [("    overflow_pool: l4-spot\n", "    objective: {p99_ms: 9, requests_per_second: 1}\n")],
        "model 'tagging' has an objective and no profile, so nobody knows whether it is met; measure one with "
        "modelyard try --profile",
    ),
    (
        [],
        [("    overflow_pool: l4-spot\n", "    scaling: {min_replicas: 1, max_replicas: 6}\n")],
        "pool 'l4' of cluster 'east' has at most 4 nodes; its models at max_replicas would take 6 beside what "
        "overflows elsewhere, so some replicas would wait",
    ),
    (
        [],
        [("    overflow_pool: l4-spot\n", "    scaling: {min_replicas: 1, max_replicas: 4}\n")],
        "model 'tagging' does not answer while it is rolled out: its pool is full and it has one replica; raise "
        "min_replicas to 2 or the pool's max_nodes",
    ),
    (
        [
            (
                "        max_nodes: 4\n",
                "        max_nodes: 4\n        schedules: [{name: night, recurrence: 0 20 * * *, "
                "min_nodes: 0, desired_nodes: 0, max_nodes: 0}]\n",
            )
        ],
        [],
        "the schedule 'night' brings pool 'l4' of cluster 'east' to at most 0 nodes, and its models need 1: some "
        "do not answer then",
    ),
]


@pytest.mark.parametrize(("in_platform", "in_department", "notice"), NOTICES)
def test_notice(
    tmp_path: Path, in_platform: list[tuple[str, str]], in_department: list[tuple[str, str]], notice: str
) -> None:
    platform, toys = PLATFORM, TOYS
    for before, after in in_platform:
        assert before in platform
        platform = platform.replace(before, after, 1)
    for before, after in in_department:
        assert before in toys
        toys = toys.replace(before, after, 1)
    assert notice in resolved(write(tmp_path, platform, toys)).notices
    if (in_platform, in_department) != ([], []):
        assert notice not in resolved(write(tmp_path)).notices


@pytest.mark.parametrize(("name", "models"), [("dev", 3), ("staging", 4), ("prod", 6)])
def test_stacks_of_the_repository_resolve(name: str, models: int) -> None:
    from modelyard.environment.load import load
    from modelyard.resolve.environment import resolve

    assert len(resolve(load(STACKS / name)).models) == models


def pool_of(folder: Path) -> str:
    pool = only_model(folder).pool
    assert pool is not None
    return pool.declared.name
