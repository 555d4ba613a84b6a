"""The configuration that the engine and the offline run share."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from modelyard.environment.policy_names import POLICY_NAMES
from modelyard_policies.config import InvalidPolicyConfig, for_environment
from modelyard_policies.levels import LEVELS, TIERS, table
from modelyard_policies.pack import NAMES, policies
from pulumi_policy import EnforcementLevel


def test_every_rule_has_a_level_in_every_tier() -> None:
    assert tuple(policy.name for policy in policies()) == NAMES
    assert len(NAMES) == len(set(NAMES)) >= 15
    assert NAMES == POLICY_NAMES
    for name, by_tier in table().items():
        assert set(by_tier) == set(TIERS), name
        assert set(by_tier.values()) <= set(LEVELS), name


def test_no_rule_is_stricter_in_an_earlier_tier() -> None:
    strictness = {"disabled": 0, "advisory": 1, "mandatory": 2}
    for name, by_tier in table().items():
        grades = [strictness[by_tier[tier]] for tier in TIERS]
        assert grades == sorted(grades), name


def test_the_documentation_tells_every_level() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")
    levels = {"m": "mandatory", "a": "advisory", "–": "disabled"}
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|.*\| ([ma–]) \| ([ma–]) \| ([ma–]) \|$", text, re.MULTILINE)
    told = {name: dict(zip(TIERS, (levels[mark] for mark in marks), strict=True)) for name, *marks in rows}
    assert told == table()


def test_every_setting_is_documented() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")
    for policy in policies():
        for setting in policy.config_schema.properties if policy.config_schema else ():
            assert f"`{setting}`" in text, (policy.name, setting)


def test_without_configuration_the_levels_are_those_of_prod() -> None:
    assert {policy.name: policy.enforcement_level for policy in policies()} == {
        name: EnforcementLevel(by_tier["prod"]) for name, by_tier in table().items()
    }


def test_the_configuration_is_json_that_keeps_every_cent() -> None:
    config = for_environment(
        "staging",
        {"budget": "mandatory", "pod-security": "disabled"},
        {"supply-chain": Decimal("2500.10"), "merchandising": 4000},
        {"hours_per_month": Decimal("730"), "spot_discount": None, "price_overrides": [{"usd": Decimal("0.1")}]},
        immutable_repositories=["prod/*"],
        custom_metrics=["triton_queue_ms"],
        pools={"use1/l4-spot": "spot"},
        max_nodes=20,
    )
    assert json.loads(json.dumps(config)) == config
    assert tuple(config) == NAMES
    assert config["budget"] == {
        "enforcementLevel": "mandatory",
        "tier": "staging",
        "budgets": {"merchandising": "4000", "supply-chain": "2500.10"},
        "assumptions": {"hours_per_month": "730", "price_overrides": [{"usd": "0.1"}]},
    }
    assert config["pod-security"] == {"enforcementLevel": "disabled"}
    assert config["cluster-logging"] == {"enforcementLevel": "advisory"}
    assert config["department-tag"]["departments"] == ["merchandising", "supply-chain"]
    assert config["image-pinned"]["immutable_repositories"] == ["prod/*"]
    assert config["service-has-autoscaler-metric-source"]["custom_metrics"] == ["triton_queue_ms"]
    assert config["spot-not-alone"]["pools"] == {"use1/l4-spot": "spot"}
    assert config["node-pool-limits"]["max_nodes"] == 20


def test_only_declared_settings_are_in_the_configuration() -> None:
    settings = {policy.name: policy.config_schema for policy in policies()}
    config = for_environment(
        "prod",
        None,
        {"a": 1},
        {"hours_per_month": 1},
        immutable_repositories=["a"],
        custom_metrics=[],
        pools={"a/b": "spot"},
    )
    for name, values in config.items():
        schema = settings[name]
        assert set(values) - {"enforcementLevel"} <= set(schema.properties if schema else ()), name


@pytest.mark.parametrize(
    ("tier", "levels", "problems"),
    [
        ("production", {}, ["tier: 'production' is not one of dev, staging, prod; name one of them."]),
        (
            "prod",
            {"budgets": "mandatory", "budget": "warn"},
            [
                f"levels.budgets: no policy is called 'budgets'; known: {', '.join(NAMES)}. Did you mean 'budget'?",
                "levels.budget: 'warn' is not one of advisory, mandatory, disabled; name one of them.",
            ],
        ),
    ],
)
def test_wrong_configuration_is_told_at_once(tier: str, levels: dict[str, str], problems: list[str]) -> None:
    with pytest.raises(InvalidPolicyConfig) as refused:
        for_environment(tier, levels)
    assert str(refused.value) == "\n".join(problems)
