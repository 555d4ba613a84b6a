"""Assumptions of an estimate: declared by the environment, printed wherever they were used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from modelyard.catalog import nearest
from modelyard.catalog.price_regions import lending_mistake

_BY_NAME = ("serverless_seconds_per_month", "average_replicas")
"""Amounts that may be given by model."""
_OVERRIDE_KEYS = {"reason", "match", "unit", "usd"}


class InvalidAssumptions(ValueError):
    """The declared assumptions are wrong. The message has one line for each problem: path, value, what is allowed."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class PriceOverride:
    """A price that the catalog does not have, or has wrong, declared with its reason."""

    match: str
    """``aws/<region>/<instance type>/<on_demand|spot>``, ``aws/<region>/<service>/<item>`` or a beginning of one, or
    a resource type (``aws:kms/key:Key``); ``*`` is anything. The first that matches counts."""
    usd: Decimal
    unit: str
    """What the dollars buy: ``hour``, ``GB-month``, ``GB`` ... as the catalog calls it, or ``month`` for one of a
    thing."""
    reason: str


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a plan cannot know. Amounts are a month's, for each resource that they speak of.

    None (the default of every amount) leaves that part of a bill unpriced, with a line that says so.
    """

    hours_per_month: Decimal = Decimal(730)
    as_of: date | None = None
    """The day whose support terms hold (EKS bills versions in extended support more). Default: the day on which the
    catalog's table of versions was taken, so that an estimate gives the same figures whenever it is made."""
    nat_gb_per_month: Decimal | None = None
    """Data through each NAT gateway, GB."""
    endpoint_gb_per_month: Decimal | None = None
    """Data through each interface endpoint, GB."""
    log_gb_per_month: Decimal | None = None
    """Data into each log group, GB; flow logs and control plane logs arrive in one each."""
    log_stored_gb: Decimal | None = None
    """Data kept in each log group, GB."""
    model_store_gb: Decimal | None = None
    """Data kept in each bucket, GB."""
    registry_gb: Decimal | None = None
    """Images kept in each repository, GB."""
    load_balancer_capacity_units: Decimal | None = None
    """Average capacity units of each load balancer."""
    load_balancer_gb_per_month: Decimal | None = None
    """Data through each load balancer of Google Cloud and Azure, GB; those of AWS sell capacity units."""
    metric_samples_per_month: Decimal | None = None
    """Samples into each managed Prometheus workspace."""
    registry_task_seconds_per_month: Decimal | None = None
    """vCPU seconds of the tasks of each registry of Azure."""
    vault_operations_per_month: Decimal | None = None
    """Operations of each Key Vault."""
    serverless_seconds_per_month: Decimal | Mapping[str, Decimal] | None = None
    """Time of all requests to each serverless endpoint in seconds, for all or by model."""
    average_replicas: Mapping[str, Decimal] | None = None
    """Instances at a managed service that are paid for on average, by ``<department>/<model>``, where its autoscaler
    follows a known traffic; None: what is guaranteed."""
    grafana_editors: Decimal | None = None
    """Active editors of each managed Grafana workspace; viewers are not counted."""
    spot_discount: Decimal | Mapping[str, Decimal] | None = None
    """Share off the on-demand price (0.6 is 60 %), for all or by instance type; only where no spot price is known."""
    price_regions: Mapping[str, tuple[str, ...]] | None = None
    """By ``<cloud>/<region>``: regions of the same cloud whose prices are taken, in this order, where the catalog has
    none of the region's own."""
    price_overrides: tuple[PriceOverride, ...] = field(default_factory=tuple)

    @classmethod
    def from_mapping(cls, declared: Mapping[str, Any], *, path: str = "assumptions") -> Assumptions:
        """Assumptions from YAML or policy configuration.

        Raises:
            InvalidAssumptions: an unknown key, a negative amount, a discount outside 0 to 1; all problems at once.
        """
        problems: list[str] = []
        known = [each.name for each in fields(cls)]
        values: dict[str, Any] = {}
        for key, value in declared.items():
            if key not in known:
                problems.append(_unknown(f"{path}.{key}", "assumption", key, known))
            elif key == "as_of":
                values[key] = _day(value, f"{path}.{key}", problems)
            elif key == "spot_discount":
                values[key] = _discount(value, f"{path}.{key}", problems)
            elif key == "price_regions":
                values[key] = _price_regions(value, f"{path}.{key}", problems)
            elif key == "price_overrides":
                values[key] = _overrides(value, f"{path}.{key}", problems)
            elif key in _BY_NAME and isinstance(value, Mapping):
                values[key] = _by_name(value, f"{path}.{key}", problems)
            elif value is not None:
                values[key] = _amount(value, f"{path}.{key}", problems)
        hours = values.get("hours_per_month")
        if isinstance(hours, Decimal) and not 0 < hours <= 744:
            problems.append(f"{path}.hours_per_month: {hours} is not a month; allowed is more than 0, at most 744.")
        if problems:
            raise InvalidAssumptions(problems)
        return cls(**values)

    def serverless_seconds(self, model: str | None) -> Decimal | None:
        """Of one endpoint, which serves this model; None: nobody says."""
        if isinstance(self.serverless_seconds_per_month, Mapping):
            return self.serverless_seconds_per_month.get(model or "")
        return self.serverless_seconds_per_month

    def average(self, department: str | None, model: str | None) -> Decimal | None:
        """Instances of one model's endpoint; None: nobody says."""
        return (self.average_replicas or {}).get(f"{department}/{model}")

    def lenders(self, cloud: str, region: str) -> tuple[str, ...]:
        """Regions whose prices stand in for those that the catalog lacks of this one; empty: none."""
        return (self.price_regions or {}).get(f"{cloud}/{region}", ())

    def discount(self, instance_type: str) -> Decimal | None:
        """The declared spot discount of an instance type, its family (``g6``) or all (``*``); None: not declared."""
        if not isinstance(self.spot_discount, Mapping):
            return self.spot_discount
        family = instance_type.partition(".")[0]
        for key in (instance_type, family, "*"):
            if key in self.spot_discount:
                return self.spot_discount[key]
        return None


def _amount(value: Any, path: str, problems: list[str], *, most: Decimal | None = None) -> Decimal | None:
    allowed = f"a number from 0 to {most}" if most is not None else "a number, 0 or more"
    try:
        amount = None if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or amount < 0 or (most is not None and amount > most):
        problems.append(f"{path}: {value!r} is not allowed; allowed is {allowed}.")
        return None
    return amount


def _day(value: Any, path: str, problems: list[str]) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        problems.append(f"{path}: {value!r} is not a day; allowed is year-month-day, like 2026-11-30.")
        return None


def _discount(value: Any, path: str, problems: list[str]) -> Decimal | Mapping[str, Decimal] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return _amount(value, path, problems, most=Decimal(1))
    return _by_name(value, path, problems, most=Decimal(1))


def _by_name(
    value: Mapping[Any, Any], path: str, problems: list[str], *, most: Decimal | None = None
) -> Mapping[str, Decimal]:
    found = {str(key): _amount(each, f"{path}.{key}", problems, most=most) for key, each in value.items()}
    return {key: each for key, each in found.items() if each is not None}


def _price_regions(value: Any, path: str, problems: list[str]) -> Mapping[str, tuple[str, ...]]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.append(f"{path}: {value!r} is not allowed; allowed is <cloud>/<region>: <region of the same cloud>.")
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for key, lenders in value.items():
        names = (lenders,) if isinstance(lenders, str) else tuple(lenders) if isinstance(lenders, list | tuple) else ()
        wrong = lending_mistake(str(key), names)
        if wrong:
            problems.append(f"{path}.{key}: {wrong}{'' if wrong.endswith('?') else '.'}")
        else:
            found[str(key)] = names
    return found


def _overrides(value: Any, path: str, problems: list[str]) -> tuple[PriceOverride, ...]:
    if not isinstance(value, list | tuple):
        problems.append(f"{path}: {value!r} is not allowed; allowed is a list of match, usd, unit and reason.")
        return ()
    return tuple(
        found
        for number, each in enumerate(value)
        if (found := _override(each, f"{path}[{number}]", problems)) is not None
    )


def _override(value: Any, path: str, problems: list[str]) -> PriceOverride | None:
    if isinstance(value, PriceOverride):
        return value
    if not isinstance(value, Mapping):
        problems.append(f"{path}: {value!r} is not allowed; allowed is match, usd, unit and reason.")
        return None
    before = len(problems)
    problems += [_unknown(f"{path}.{key}", "key", key, _OVERRIDE_KEYS) for key in value if key not in _OVERRIDE_KEYS]
    problems += [
        f"{path}.{key}: is missing; an override says match, usd, unit and reason."
        for key in ("match", "usd", "unit", "reason")
        if value.get(key) in (None, "")
    ]
    usd = _amount(value["usd"], f"{path}.usd", problems) if value.get("usd") not in (None, "") else None
    if len(problems) > before or usd is None:
        return None
    return PriceOverride(match=str(value["match"]), usd=usd, unit=str(value["unit"]), reason=str(value["reason"]))


def _unknown(path: str, kind: str, key: Any, known: Sequence[str] | set[str]) -> str:
    closest = nearest(str(key), sorted(known))
    hint = f" Did you mean {closest!r}?" if closest else ""
    return f"{path}: no {kind} is called {str(key)!r}; known: {', '.join(sorted(known))}.{hint}"
