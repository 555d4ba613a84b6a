"""The plan says which EC2 quotas the pools could fill."""

from __future__ import annotations

from pathlib import Path

from modelyard.environment.load import load
from modelyard.resolve.environment import resolve

STACKS = Path(__file__).resolve().parents[3] / "stacks"


def test_each_region_and_purchase_option_is_a_quota_of_its_own() -> None:
    notices = resolve(load(STACKS / "prod")).notices
    # 8 nodes of up to g6.4xlarge (16 vCPUs), 5 of up to g4dn.2xlarge (8); on spot 6 of up to g6.8xlarge (32).
    assert [notice for notice in notices if "quota" in notice] == [
        f"the GPU pools of {region} run up to {vcpus} vCPUs; check the account's EC2 quota {quota!r} there, which "
        "is 0 in many new accounts"
        for region in ("us-east-1", "us-west-2")
        for vcpus, quota in (
            (8 * 16 + 5 * 8, "Running On-Demand G and VT instances"),
            (6 * 32, "All G and VT Spot Instance Requests"),
        )
    ]
