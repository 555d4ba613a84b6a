"""A whole environment of models that KServe and Seldon serve: every pod has a node and a price, and none is left
over."""

from __future__ import annotations

from decimal import Decimal

from modelyard.review.plan import PlanDocument

from .test_kserve_and_seldon import document, project  # noqa: F401 (fixtures)

ON_SYSTEM_NODES = {
    "boost-predictor": "boost",
    "churn-predictor": "churn",
    "fraud-predictor": "fraud",
    "fraud-canary-v2-predictor": "fraud",
    "resnet50-predictor": "resnet50",
    "speech-predictor": "speech",
    "risk": "risk",
    "risk-canary-v2": "risk",
    "score": None,
}
"""Workloads of KServe, of Seldon, and a graph's router, with the model that pays."""


def test_every_pod_has_a_node(document: PlanDocument) -> None:  # noqa: F811
    placed = {each.pool.name: each.residents for each in document.placement.pools}
    assert {each.workload.name: each.workload.model for each in placed["system"]} == ON_SYSTEM_NODES
    assert "product-tagging-predictor" in {each.workload.name for each in placed["t4"]}
    assert (document.placement.misfits, document.placement.undetermined) == ((), ())


def test_every_dollar_has_an_owner(document: PlanDocument) -> None:  # noqa: F811
    costs = document.costs
    assert costs.unpriced == []
    models = {model for (department, model) in costs.models if department == "merchandising"}
    assert models >= {"product-tagging", *(model for model in ON_SYSTEM_NODES.values() if model)}
    own = sum(usd for (department, _), usd in costs.models.items() if department == "merchandising")
    router = sum(
        (line.usd for line in costs.lines if (line.department, line.model) == ("merchandising", None)), Decimal(0)
    )
    assert router > 0
    assert own + router == costs.departments["merchandising"]
    assert costs.total == sum(costs.departments.values(), costs.shared + costs.idle)


def test_a_model_on_anothers_server_costs_nothing_besides(document: PlanDocument) -> None:  # noqa: F811
    lines = {line.model: line.monthly_usd for line in document.models}
    assert lines["loyalty"] == 0
    assert lines["risk"] is not None and lines["risk"] > 0


def test_nothing_of_them_is_refused(document: PlanDocument) -> None:  # noqa: F811
    """Images without a known digest are told, here in dev."""
    assert {verdict.level for verdict in document.policies} == {"advisory"}
