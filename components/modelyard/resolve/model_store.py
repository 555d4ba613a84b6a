"""What each cloud's storage can do of what is declared for models: refusals, and what a plan says beside the result.

Follows the user guide of Amazon S3 and the documentation of Cloud Storage and Azure Blob Storage.
"""

from __future__ import annotations

from functools import cache

from ..catalog import regions
from ..catalog.table import rows
from ..environment.known_name import unknown
from ..environment.model_store import ModelStore
from ..environment.target import OWNER, Cloud
from .image_registry import cloud_of_region, unknown_region
from .names import bucket_name

STORE: dict[Cloud, str] = {"aws": "Amazon S3", "gcp": "Cloud Storage", "azure": "Azure Blob Storage"}
"""The clouds' object storage as people call it."""


LOGS, COPY = "-logs", "-copy"
"""Ends of the names of the buckets beside a store."""

_BUCKET_LIMIT = 63
_CONTINENTS = {"us": "US", "northamerica": "US", "europe": "EU", "asia": "ASIA"}
"""Beginning of a region of Google Cloud to the place of a bucket that lies in two of its regions."""


def store_problems(
    declared: ModelStore, cloud: Cloud, organization: str, environment: str, region: str, replica: str | None
) -> list[tuple[str, str]]:
    """Pairs of an argument and what this cloud cannot do with it, with the nearest that it can."""
    found: list[tuple[str, str]] = []
    longest = bucket_name(organization, environment, region)
    if cloud != "azure":
        longest += COPY if replica is not None and cloud == "aws" else LOGS if declared.access_logs else ""
        if len(longest) > _BUCKET_LIMIT:
            found.append(
                (
                    "organization",
                    f"makes the bucket name {longest!r} of {len(longest)} characters; {STORE[cloud]} allows "
                    f"{_BUCKET_LIMIT}, so shorten it",
                )
            )
    if replica is not None:
        found += [("replica_region", message) for message in _replica_problems(cloud, region, replica)]
    return found


def store_notices(declared: ModelStore, cloud: Cloud) -> list[str]:
    """What this cloud's storage does otherwise, one line each."""
    found = []
    if declared.lock is not None:
        found.append(
            f"the model store on {STORE[cloud]} is locked, so pulumi destroy leaves it behind with what is in it"
        )
        if cloud == "gcp":
            found.append(
                "Cloud Storage keeps no versions in a locked bucket: an object that is there cannot be overwritten, "
                "and another content has another name"
            )
        if cloud == "azure":
            found.append(
                "Azure Blob Storage locks accounts when they are made: lock cannot be added to a store that is there"
            )
    if cloud == "gcp":
        found.append(
            "Cloud Storage has no setting of a bucket against plain HTTP; the organization's policy "
            "storage.secureHttpTransport closes it for all buckets"
        )
    return found


def dual_region(region: str, other: str) -> str | None:
    """The place of a bucket of Cloud Storage that lies in both regions; None where they are no such pair."""
    places = {_CONTINENTS.get(each.partition("-")[0]) for each in (region, other)}
    return places.pop() if len(places) == 1 else None


def _replica_problems(cloud: Cloud, region: str, replica: str) -> list[str]:
    whose = cloud_of_region(replica)
    if whose is None:
        return [unknown_region(replica)]
    if whose != cloud:
        return [f"{replica!r} is a region of another cloud; {STORE[cloud]} copies to regions of its own alone"]
    if replica == region:
        return [f"{replica!r} is the store's own region; name another"]
    known = [each.name for each in regions.regions(cloud)]
    if known and replica not in known:
        noun = f"a {'location' if cloud == 'azure' else 'region'} of {OWNER[cloud]}"
        return [unknown(noun, replica, known)]
    if cloud == "gcp" and dual_region(region, replica) is None:
        return [
            f"{replica!r} and {region!r} are on no common continent of Cloud Storage's dual regions (US, EU, ASIA); "
            f"name a region near {region!r}"
        ]
    if cloud == "azure":
        pair = _azure_pairs().get(region)
        if pair is None:
            return [f"Azure pairs {region!r} with no region, so nothing is copied; delete it"]
        if pair != replica:
            return [f"Azure copies from {region!r} to {pair!r} alone, not to {replica!r}; write {pair}"]
    return []


@cache
def _azure_pairs() -> dict[str, str]:
    return {row["location"]: row["pair"] for row in rows("azure_paired_regions.csv")}
