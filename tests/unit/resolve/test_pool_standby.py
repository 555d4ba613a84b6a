"""What stands by for a pool with schedules, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.gpu_pool import GpuPool
from modelyard.resolve.gpu_pool import resolve_gpu_pool
from modelyard.resolve.pool_standby import pool_standby, standby_notices
from modelyard.resolve.resolved_pool import ResolvedGpuPool


def resolved(cloud: Any, recurrence: str = "0 8 * * 1-5", **pool: Any) -> ResolvedGpuPool:
    schedule = {"name": "day", "recurrence": recurrence, "min_nodes": 3, "desired_nodes": 3, "max_nodes": 4}
    declared = {"name": "gpu", "accelerator": "T4", "max_nodes": 4, "schedules": [schedule], **pool}
    region = {"aws": "us-east-1", "gcp": "us-central1", "azure": "eastus"}[cloud]
    return resolve_gpu_pool(GpuPool.model_validate(declared), cluster="east", region=region, cloud=cloud)


@pytest.mark.parametrize(
    ("written", "as_cron_job"),
    [
        ("0 8 * * 1-5", "0 8 * * 1-5"),
        ("0 8 * * SUN", "0 8 * * SUN"),
        ("0 8 * * */7", "0 8 * * */7"),
        ("0 8 * * 7", "0 8 * * 0"),
        ("0 8 * * 5-7", "0 8 * * 0,5,6"),
        ("0 8 * * 6,7", "0 8 * * 0,6"),
        ("0 8 1,7 * 0-7", "0 8 1,7 * *"),
        ("7 7 7 7 *", "7 7 7 7 *"),
    ],
)
def test_days_are_numbered_as_cron_jobs_number_them(written: str, as_cron_job: str) -> None:
    standby = pool_standby(resolved("azure", written))
    assert standby is not None
    assert [time.recurrence for time in standby.times] == [as_cron_job]


@pytest.mark.parametrize(
    ("cloud", "pool", "stands_by"),
    [
        ("aws", {}, False),
        ("aws", {"provisioner": "karpenter"}, True),
        ("aws", {"provisioner": "auto_mode"}, True),
        ("gcp", {}, True),
        ("gcp", {"provisioner": "compute_class"}, True),
        ("azure", {}, True),
        ("azure", {"schedules": []}, False),
    ],
)
def test_pods_stand_by_where_no_group_follows_schedules(cloud: str, pool: dict[str, Any], stands_by: bool) -> None:
    found = resolved(cloud, **pool)
    assert (pool_standby(found) is not None) == stands_by
    assert bool(list(standby_notices(found))) == stands_by


def test_the_floor_of_a_spot_pool_is_part_of_what_is_kept() -> None:
    standby = pool_standby(resolved("gcp", capacity="spot", spot={"on_demand_floor": 2}))
    assert standby is not None
    assert (standby.first_nodes, standby.most_nodes) == (0, 3)


def test_what_is_said() -> None:
    assert list(standby_notices(resolved("gcp", provisioner="compute_class"))) == [
        "schedules of pool 'gpu' of cluster 'east' are kept by at most 3 pods without work in namespace "
        "modelyard-standby-gpu: a node comes minutes after its time, and one too many goes when the autoscaler finds "
        "it empty",
        "nothing that GKE publishes says that a ComputeClass brings nodes with T4 for pods that ask for none; where it "
        "does not, the schedules of pool 'gpu' bring none: write provisioner: managed",
    ]
