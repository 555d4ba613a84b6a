"""The pack's configuration: the JSON of ``pulumi preview --policy-pack-config FILE``, and of the offline run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from modelyard.catalog.spelling import nearest

from modelyard_policies.levels import LEVELS, TIERS, table


class InvalidPolicyConfig(ValueError):
    """A level, policy or tier that does not exist. The message has one line for each problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def for_environment(
    tier: str,
    levels: Mapping[str, str] | None = None,
    budgets: Mapping[str, Decimal | float | str] | None = None,
    assumptions: Mapping[str, Any] | None = None,
    *,
    immutable_repositories: Iterable[str] = (),
    custom_metrics: Iterable[str] | None = None,
    pools: Mapping[str, str] | None = None,
    max_nodes: int | None = None,
) -> dict[str, dict[str, Any]]:
    """Configuration of every rule, as data that JSON can hold.

    Args:
        tier: dev, staging or prod: which column of ``data/levels.csv`` applies.
        levels: rule name to advisory, mandatory or disabled, where an environment differs from its tier.
        budgets: department to dollars a month. Its keys are also the departments that tags may name.
        assumptions: what ``modelyard.cost.Assumptions.from_mapping`` takes.
        immutable_repositories: names (``*`` for any text) of image repositories with immutable tags that another
            stack declares.
        custom_metrics: metrics that the cluster's metrics adapter serves, where another stack declares it. None:
            autoscalers' metrics are only checked beside an adapter.
        pools: ``<cluster>/<pool>`` to on_demand or spot, for pools that another stack declares.
        max_nodes: the largest allowed size of a node pool; default 100.

    Raises:
        InvalidPolicyConfig: all problems at once.
    """
    overrides = levels or {}
    _check(tier, overrides)
    settings: dict[str, dict[str, Any]] = {name: {} for name in table()}
    if budgets:
        settings["department-tag"]["departments"] = sorted(budgets)
        settings["budget"]["budgets"] = {name: str(usd) for name, usd in sorted(budgets.items())}
    settings["budget"]["tier"] = tier
    if assumptions:
        settings["budget"]["assumptions"] = _json_ready(assumptions)
    if names := sorted(immutable_repositories):
        settings["image-pinned"]["immutable_repositories"] = names
    if custom_metrics is not None:
        settings["service-has-autoscaler-metric-source"]["custom_metrics"] = sorted(custom_metrics)
    if pools:
        settings["spot-not-alone"]["pools"] = dict(sorted(pools.items()))
    if max_nodes is not None:
        settings["node-pool-limits"]["max_nodes"] = max_nodes
    return {
        name: {"enforcementLevel": overrides.get(name, by_tier[tier]), **settings[name]}
        for name, by_tier in table().items()
    }


def _check(tier: str, levels: Mapping[str, str]) -> None:
    problems = []
    if tier not in TIERS:
        problems.append(f"tier: {tier!r} is not one of {', '.join(TIERS)}; name one of them.")
    for name, level in levels.items():
        if name not in table():
            close = nearest(name, table())
            hint = f" Did you mean {close!r}?" if close else ""
            problems.append(f"levels.{name}: no policy is called {name!r}; known: {', '.join(table())}.{hint}")
        if level not in LEVELS:
            problems.append(f"levels.{name}: {level!r} is not one of {', '.join(LEVELS)}; name one of them.")
    if problems:
        raise InvalidPolicyConfig(problems)


def _json_ready(value: Any) -> Any:
    """Decimals as text, which loses nothing; what is not declared is left out."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _json_ready(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_json_ready(item) for item in value]
    return value
