"""Names of an endpoint's parts are made as docs/physical-names.md says, also where there is little room."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .program import DEPLOYED, ENDPOINT, MODEL, OWNER, all_of, inputs_of, planned

DOCUMENT = Path(__file__).parents[3] / "docs" / "physical-names.md"
LONG = {
    "model": "credit-card-fraud-scores-of-all-customers",
    "ownership": {**OWNER, "environment": "production-of-europe", "department": "fraud-and-risk-of-retail-banking"},
}
ACCOUNT = "gcp:serviceaccount/account:Account"
DATASET = "gcp:bigquery/dataset:Dataset"


@pytest.mark.parametrize("long", [False, True])
def test_every_name_fits(long: bool) -> None:
    changes = {**LONG, "model": LONG["model"][:40]} if long else {}
    graph = planned("up", request_log={}, **changes).graph
    (model,) = all_of(graph, MODEL).values()
    assert re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", model.inputs["modelId"])
    assert re.fullmatch(r"[1-9][0-9]{0,9}", inputs_of(graph, ENDPOINT)["name"])
    assert re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", inputs_of(graph, ACCOUNT)["accountId"])
    assert re.fullmatch(r"[A-Za-z0-9_]{1,1024}", inputs_of(graph, DATASET, "fraud-requests")["datasetId"])
    (deployed,) = all_of(graph, DEPLOYED).values()
    assert len(deployed.inputs["displayName"]) + 9 <= 128
    for resource in (model, deployed):
        for key, value in resource.inputs["labels"].items():
            assert re.fullmatch(r"[a-z0-9_-]{1,63}", key) and re.fullmatch(r"[a-z0-9_-]{0,63}", value), key


@pytest.mark.parametrize(
    ("type_", "limit"), [(ENDPOINT, 10), (MODEL, 63), (DEPLOYED, 128), (ACCOUNT, 30), (DATASET, 1024)]
)
def test_the_document_has_its_rule(type_: str, limit: int) -> None:
    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{type_}`")]
    assert len(rows) == 1 and rows[0].rstrip().endswith(f"| {limit} |")
    assert "| fixed |" in rows[0]
