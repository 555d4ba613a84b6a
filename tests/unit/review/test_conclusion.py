"""What decides over the exit code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from modelyard.review.conclusion import conclusion
from modelyard.review.verdicts import Verdict

from .retailer import BUDGETS, VERDICTS, retailer

FINE_BUDGETS = tuple(replace(line, broken=False) for line in BUDGETS)
BUDGET_VERDICT = Verdict("budget", "mandatory", "urn", "over", "")


@pytest.mark.parametrize(
    ("policies", "budgets", "code", "sentence"),
    [
        ((), (), 0, "Fine: no mandatory policy and no budget is broken."),
        (VERDICTS[:1], FINE_BUDGETS, 0, "Fine: no mandatory policy and no budget is broken, 1 advisory finding."),
        (VERDICTS, (), 2, "Broken: 1 mandatory policy violation."),
        ((), BUDGETS, 2, "Broken: 1 budget broken or undetermined."),
        ((BUDGET_VERDICT,), BUDGETS, 2, "Broken: 1 budget broken or undetermined."),
        ((BUDGET_VERDICT,), FINE_BUDGETS, 2, "Broken: 1 budget broken or undetermined."),
        (VERDICTS * 2, BUDGETS, 2, "Broken: 2 mandatory policy violations and 1 budget broken or undetermined."),
    ],
)
def test_what_breaks_a_plan(policies: tuple, budgets: tuple, code: int, sentence: str) -> None:
    document = retailer(policies=policies, budgets=budgets)
    assert document.exit_code == code
    assert conclusion(document) == sentence
