"""Machine types and quotas of an account in one region of AWS.

Zones: DescribeInstanceTypeOfferings and DescribeAvailabilityZones (Amazon EC2 API); quotas: ListServiceQuotas, and
ListAWSDefaultServiceQuotas for those that nobody ever had raised (Service Quotas API). All of them only read.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from modelyard.catalog.refresh.account_answer import AccountAnswer, AccountQuota, Offering, family_of, known_families
from modelyard.catalog.refresh.price_api import PriceApiError

_NAMES = (
    (re.compile(r"Running On-Demand (.+) instances"), "on_demand"),
    (re.compile(r"All (.+) Spot Instance Requests"), "spot"),
)
_ATTEMPTS = 5


def aws_account(region: str, instance_types: Collection[str], endpoint: str | None = None) -> AccountAnswer:
    """Asked with the credentials that AWS's own tools find, which may be a profile, a role or a variable.

    Args:
        region: us-east-1, ...
        instance_types: that are wanted; all others are passed over.
        endpoint: another address of both services, such as a proxy's; default: AWS's own.

    Raises:
        PriceApiError: botocore is missing, nobody is logged in, no answer, or a refusal.
    """
    clients = _clients(region, endpoint)
    zone_ids = {
        zone["ZoneName"]: zone["ZoneId"]
        for zone in _asked(lambda: clients["ec2"].describe_availability_zones(), "DescribeAvailabilityZones")[
            "AvailabilityZones"
        ]
        if zone.get("ZoneType", "availability-zone") == "availability-zone"
    }
    zones: dict[str, list[str]] = {}
    for each in _pages(clients["ec2"], "describe_instance_type_offerings", LocationType="availability-zone"):
        for offering in each["InstanceTypeOfferings"]:
            if offering["InstanceType"] in instance_types and offering["Location"] in zone_ids:
                zones.setdefault(offering["InstanceType"], []).append(offering["Location"])
    if not zones:
        raise PriceApiError(f"AWS offers no known machine type in {region}; nothing is written")
    limits: dict[str, int] = {}
    for operation in ("list_aws_default_service_quotas", "list_service_quotas"):
        for page in _pages(clients["service-quotas"], operation, ServiceCode="ec2"):
            limits.update({quota["QuotaName"]: int(quota["Value"]) for quota in page["Quotas"] if "Value" in quota})
    found, strange = _quotas(limits)
    return AccountAnswer(
        cloud="aws",
        region=region,
        source="DescribeInstanceTypeOfferings and ListServiceQuotas of the account",
        source_date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        offerings={name: _offering(sorted(zones.get(name, [])), zone_ids) for name in sorted(instance_types)},
        quotas=found,
        passed_over=strange,
    )


def _offering(zones: list[str], zone_ids: dict[str, str]) -> Offering:
    if not zones:
        return Offering((), offered=False)
    return Offering(tuple(zones), tuple(zone_ids[zone] for zone in zones))


def _quotas(limits: dict[str, int]) -> tuple[list[AccountQuota], list[str]]:
    families = known_families("aws")
    found: list[AccountQuota] = []
    strange: list[str] = []
    for name, limit in sorted(limits.items()):
        for pattern, capacity in _NAMES:
            match = pattern.fullmatch(name)
            if match is None:
                continue
            family = family_of(match[1], families)
            if family is None:
                strange.append(name)
            else:
                found.append(AccountQuota(family, "spot" if capacity == "spot" else "on_demand", limit))
    return found, strange


def _clients(region: str, endpoint: str | None) -> dict[str, Any]:
    try:
        import botocore.config
        import botocore.exceptions
        import botocore.session
    except ImportError:
        raise PriceApiError("AWS is asked by the package botocore, which is missing; install modelyard[aws]") from None
    retries = {"total_max_attempts": _ATTEMPTS, "mode": "standard"}
    config = botocore.config.Config(connect_timeout=60, read_timeout=60, retries=retries)
    session = botocore.session.get_session()

    def made(service: str) -> Any:
        return session.create_client(service, region_name=region, endpoint_url=endpoint, config=config)

    try:
        return {service: made(service) for service in ("ec2", "service-quotas")}
    except botocore.exceptions.BotoCoreError as error:
        raise PriceApiError(f"AWS is not asked: {_one_line(error)}") from None


def _pages(client: Any, operation: str, **asked: Any) -> Iterator[dict[str, Any]]:
    name = "".join(part.capitalize() for part in operation.split("_")).replace("Aws", "AWS")
    pages = iter(client.get_paginator(operation).paginate(**asked))
    while True:
        page = _asked(lambda: next(pages, None), name)
        if page is None:
            return
        yield page


def _asked(ask: Callable[[], Any], name: str) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from botocore.parsers import ResponseParserError

    try:
        return ask()
    except NoCredentialsError:
        raise PriceApiError("nobody is logged in to AWS; set AWS_PROFILE, or run `aws sso login`") from None
    except ClientError as error:
        said = error.response.get("Error", {})
        raise PriceApiError(
            f"AWS refused {name}: {said.get('Code', 'no code')}: {_one_line(said.get('Message', ''))}"
        ) from None
    except (BotoCoreError, ResponseParserError) as error:
        raise PriceApiError(f"AWS did not answer {name}: {_one_line(error)}") from None


def _one_line(text: object) -> str:
    return " ".join(str(text).split())[:300]
