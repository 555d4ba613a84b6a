"""The AWS partition of a region, which every ARN begins with."""

from __future__ import annotations

_BY_PREFIX = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}


def partition(region: str) -> str:
    """``aws``, ``aws-cn`` or ``aws-us-gov``, ... (ARN format of the AWS General Reference)."""
    return next((name for prefix, name in _BY_PREFIX.items() if region.startswith(prefix)), "aws")


def dns_suffix(region: str) -> str:
    """Domain of service endpoints: ``amazonaws.com``, in China ``amazonaws.com.cn``."""
    return "amazonaws.com.cn" if partition(region) == "aws-cn" else "amazonaws.com"
