"""What decides over the exit code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from modelyard.review.conclusion import conclusion
from modelyard.review.policy_groups import grouped
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


@pytest.mark.parametrize(
    ("number", "about"), [(1, "r0"), (2, "r0 and r1"), (3, "r0, r1 and r2"), (10, "r0, r1, r2 and 7 more")]
)
def test_one_sentence_about_many_resources_is_said_once(number: int, about: str) -> None:
    verdicts = [Verdict("p", "advisory", f"urn:pulumi:s::p::t::r{each}", "no tag", "") for each in range(number)]
    (group,) = grouped(verdicts)
    (finding,) = group.findings()
    assert (finding.about, finding.message) == (about, "no tag")
