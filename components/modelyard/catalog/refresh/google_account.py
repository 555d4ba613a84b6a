"""Quotas of a project in one region of Google Cloud: "regions.get" (Compute Engine API v1), which only reads.

Zones are not asked for: the catalogue has them (``gpu_zones.csv``), and they are the same for every project.
"""

from __future__ import annotations

import datetime
from urllib.parse import quote

from modelyard.catalog.refresh.account_answer import AccountAnswer, AccountQuota, family_of, known_families
from modelyard.catalog.refresh.price_api import PriceApi, PriceApiError

ADDRESS = "https://compute.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/compute.readonly"
_SPOT = "PREEMPTIBLE_"


def google_account(region: str, project: str, api: PriceApi) -> AccountAnswer:
    """Asked with a token of whoever is logged in.

    Raises:
        PriceApiError: no answer, a refusal, or an answer of another form.
    """
    answer = api.object(f"/compute/v1/projects/{quote(project, safe='')}/regions/{region}")
    quotas = answer.get("quotas")
    if not isinstance(quotas, list):
        raise PriceApiError(f"the answer of {api.name} has no list 'quotas'; nothing is written")
    families = known_families("gcp")
    found = []
    for each in quotas:
        try:
            metric, limit = str(each["metric"]), int(each["limit"])
        except (KeyError, TypeError, ValueError) as error:
            raise PriceApiError(f"a quota of {api.name} is not of the documented form; nothing is written") from error
        family = family_of(metric.removeprefix(_SPOT), families)
        if family is not None:
            found.append(AccountQuota(family, "spot" if metric.startswith(_SPOT) else "on_demand", limit))
    return AccountAnswer(
        cloud="gcp",
        region=region,
        source="quotas of the project's region",
        source_date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        offerings=None,
        quotas=sorted(found, key=lambda quota: (quota.family, quota.capacity)),
    )


def google_api(token: str, address: str = ADDRESS) -> PriceApi:
    """Compute Engine, with a token of it."""
    return PriceApi("the Compute Engine API", address, headers={"Authorization": f"Bearer {token}"})
