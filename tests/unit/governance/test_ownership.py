"""Ownership as tags and labels."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.governance.ownership import InvalidOwnership, Ownership

PARTS = {"department": "toys", "cost_center": "CC-2000.a_b", "environment": "prod", "owner": "toys@retail.example"}


def test_tags_and_labels_say_the_same() -> None:
    ownership = Ownership(**PARTS).of_model("tagging")
    assert ownership.aws_tags() == {
        "department": "toys",
        "cost-center": "CC-2000.a_b",
        "environment": "prod",
        "model": "tagging",
        "managed-by": "modelyard",
    }
    assert ownership.kubernetes_labels() == {
        "modelyard.dev/department": "toys",
        "modelyard.dev/cost-center": "CC-2000.a_b",
        "modelyard.dev/environment": "prod",
        "modelyard.dev/model": "tagging",
        "app.kubernetes.io/managed-by": "modelyard",
    }
    assert ownership.gcp_labels()["cost-center"] == "cc-2000-a_b"


def test_without_a_model_no_model_is_named() -> None:
    ownership = Ownership(**PARTS)
    assert "model" not in ownership.aws_tags()
    assert "modelyard.dev/model" not in ownership.kubernetes_labels()


def test_no_tag_or_label_holds_an_address() -> None:
    ownership = Ownership(**PARTS)
    values = [
        *ownership.aws_tags("x").values(),
        *ownership.kubernetes_labels().values(),
        *ownership.gcp_labels().values(),
    ]
    assert not [value for value in values if "@" in value]


def test_arguments_come_back_as_they_went() -> None:
    ownership = Ownership(**PARTS).of_model("tagging")
    assert Ownership.of(ownership.args()) == ownership


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"cost_center": "CC 2000"},
            "ownership.cost_center: 'CC 2000' cannot be a tag and a label; allowed are letters, digits, dots, hyphens "
            "and underscores, at most 63, beginning and ending with a letter or digit",
        ),
        ({"department": ""}, "ownership.department: '' cannot be a tag and a label"),
        ({"model": "m" * 64}, "ownership.model: "),
        ({"environment": "prod\n"}, "ownership.environment: 'prod\\n' cannot be"),
        ({"owner": "toys"}, "ownership.owner: 'toys' is not an e-mail address"),
        (
            {"team": "toys"},
            "ownership: unknown key 'team'; allowed are cost_center, department, environment, model, owner",
        ),
    ],
)
def test_what_a_cloud_would_refuse_is_refused(change: dict[str, Any], message: str) -> None:
    args: Any = {**PARTS, **change}
    with pytest.raises(InvalidOwnership) as refused:
        Ownership.of(args)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("key", sorted(PARTS))
def test_a_missing_part_is_named(key: str) -> None:
    args: Any = {name: value for name, value in PARTS.items() if name != key}
    with pytest.raises(InvalidOwnership, match=f"^ownership: {key} is missing$"):
        Ownership.of(args)
