"""Budgets in Google Cloud and Azure say what those of AWS say: amount, whose, when the owner hears of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.environment.managed import ManagedAzure, ManagedGcp
from modelyard.review.plan import PlanDocument
from pydantic import ValidationError

from .managed_project import MANAGED, SENTIMENT, of_type, planned
from .test_managed_targets import TARGETS

GOOGLE, CHANNEL = "gcp:billing/budget:Budget", "gcp:monitoring/notificationChannel:NotificationChannel"
AZURE = "azure-native:consumption:Budget"
PLACES = {
    "vertex": {"gcp": {**MANAGED["gcp"], "project_number": "123456789012", "billing_account": "01ABCD-23EF45-6789AB"}},
    "azureml": {"azure": {**MANAGED["azure"], "budgets_from": "2026-12"}},
}


def document_of(root: Path, target: str, managed: dict[str, Any]) -> PlanDocument:
    model = {**SENTIMENT, **TARGETS[target]}
    return planned(root, model, platform={"managed": managed, "monthly_budget_usd": 900})


def test_google_cloud_watches_the_department_and_the_environment(tmp_path: Path) -> None:
    document = document_of(tmp_path, "vertex", PLACES["vertex"])
    whole, department = of_type(document, GOOGLE)
    assert [each.inputs["displayName"] for each in (whole, department)] == ["prod-platform", "prod-toys"]
    assert whole.inputs["budgetFilter"]["labels"] == {"environment": "prod"}
    assert department.inputs["budgetFilter"]["labels"] == {"department": "toys"}
    assert whole.inputs["amount"] == {"specifiedAmount": {"currencyCode": "USD", "units": "900", "nanos": 0}}
    for each in (whole, department):
        assert each.inputs["billingAccount"] == "01ABCD-23EF45-6789AB"
        assert each.inputs["budgetFilter"]["projects"] == ["projects/123456789012"]
        rules = [(rule["spendBasis"], rule["thresholdPercent"]) for rule in each.inputs["thresholdRules"]]
        assert rules == [("CURRENT_SPEND", 0.8), ("CURRENT_SPEND", 1.0), ("FORECASTED_SPEND", 1.0)]
    told = [each.inputs["labels"]["email_address"] for each in of_type(document, CHANNEL)]
    assert told == ["ml@example.com", "toys@example.com"]
    assert not any("watches no budget" in notice for notice in document.notices)


def test_azure_watches_the_department_and_the_environment(tmp_path: Path) -> None:
    document = document_of(tmp_path, "azureml", PLACES["azureml"])
    whole, department = of_type(document, AZURE)
    environment = {"tags": {"name": "environment", "operator": "In", "values": ["prod"]}}
    assert whole.inputs["filter"] == environment
    assert department.inputs["filter"] == {
        "and": [environment, {"tags": {"name": "department", "operator": "In", "values": ["toys"]}}]
    }
    assert whole.inputs["amount"] == 900
    for each in (whole, department):
        assert each.inputs["scope"] == f"/subscriptions/{MANAGED['azure']['subscription_id']}"
        assert each.inputs["timePeriod"] == {"startDate": "2026-12-01T00:00:00Z"}
        notices = each.inputs["notifications"].values()
        assert sorted((notice["thresholdType"], notice["threshold"]) for notice in notices) == [
            ("Actual", 80),
            ("Actual", 100),
            ("Forecasted", 100),
        ]
    assert not any("watches no budget" in notice for notice in document.notices)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (
            "vertex",
            "Google Cloud watches no budget, so only the plan holds them there; name managed.gcp.billing_account and "
            "project_number",
        ),
        (
            "azureml",
            "Azure watches no budget, so only the plan holds them there; name the month of the first deployment in "
            "managed.azure.budgets_from",
        ),
    ],
)
def test_a_cloud_without_a_place_for_budgets_is_a_line(tmp_path: Path, target: str, told: str) -> None:
    cloud = {"vertex": "gcp", "azureml": "azure"}[target]
    document = document_of(tmp_path, target, {cloud: MANAGED[cloud]})
    assert told in document.notices
    assert not of_type(document, GOOGLE) and not of_type(document, AZURE)


def test_a_department_without_models_there_has_no_budget_there(tmp_path: Path) -> None:
    managed = {"aws": MANAGED["aws"], **PLACES["vertex"], **PLACES["azureml"]}
    document = document_of(tmp_path, "sagemaker", managed)
    assert [each.inputs["displayName"] for each in of_type(document, GOOGLE)] == ["prod-platform"]
    assert [each.inputs["budgetName"] for each in of_type(document, AZURE)] == ["prod-platform"]


@pytest.mark.parametrize(
    ("declaration", "declared", "told"),
    [
        (
            ManagedGcp,
            {**MANAGED["gcp"], "billing_account": "01ABCD-23EF45-6789AB"},
            "billing_account needs project_number, which a budget counts the project by; add it",
        ),
        (ManagedGcp, {**MANAGED["gcp"], "billing_account": "01abcd"}, "String should match pattern"),
        (ManagedAzure, {**MANAGED["azure"], "budgets_from": "2026-13"}, "String should match pattern"),
    ],
)
def test_what_a_budget_needs(declaration: Any, declared: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        declaration.model_validate(declared)
