"""The example of spiky traffic takes what its README says, at the README's figures."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from modelyard.repository.build import build
from modelyard.repository.checks import check
from modelyard.repository.load import read
from modelyard.review.build import plan
from modelyard.review.choices import cells
from modelyard.review.plan import PlanDocument

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "spiky-traffic"
ENVIRONMENTS = ("quiet-nights", "sold-out", "now-and-then")
RELEASE = "26.07"


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def planned(request: pytest.FixtureRequest) -> PlanDocument:
    return plan(EXAMPLE / "stacks" / request.param, EXAMPLE / "stacks")


def test_it_plans_with_every_dollar_known(planned: PlanDocument) -> None:
    assert planned.exit_code == 0
    assert not planned.costs.unpriced
    assert [line.outcome for line in planned.budgets] == ["pass", "pass"]


def test_it_takes_what_the_readme_says(planned: PlanDocument) -> None:
    (found,) = planned.choices
    assert found.taken
    choice = found.choice
    assert choice.chosen is not None
    following = next(each for each in choice.options if each.verdict == "meets" and each is not choice.chosen)
    kind, place, _, p99, _, usd, verdict = cells(choice.chosen, chosen=True)
    then_kind, then_place, _, _, _, then_usd, _ = cells(following, chosen=False)
    assert verdict == "chosen"
    assert _table()[planned.environment] == [f"{kind}, {place}", usd, p99, f"{then_kind}, {then_place}: {then_usd}"]


def test_what_is_chosen_is_what_is_declared(planned: PlanDocument) -> None:
    (stack,) = planned.stacks
    (configuration,) = stack.graph.of_type("aws:sagemaker/endpointConfiguration:EndpointConfiguration")
    (variant,) = configuration.inputs["productionVariants"]
    assert ("serverlessConfig" in variant) == (planned.environment == "quiet-nights")


def test_all_environments_have_the_same_model() -> None:
    texts = [(EXAMPLE / "stacks" / name / "departments" / "box-office.yaml").read_text() for name in ENVIRONMENTS]
    rest = {re.sub(r"    objective:.*?(?=    profile:)", "", text, flags=re.DOTALL) for text in texts}
    assert len(rest) == 1


def test_nothing_is_wrong_with_its_repository() -> None:
    folder = EXAMPLE / "models" / "ticket-demand"
    repository = build(read(folder, "ticket-demand", boundary=EXAMPLE), version=None, release=RELEASE)
    assert [str(problem) for problem in check(repository, release=RELEASE, p99_ms=200)] == []


def test_training_makes_the_same_files(tmp_path: Path) -> None:
    copy = tmp_path / "example"
    shutil.copytree(EXAMPLE, copy)
    made = ("models/ticket-demand/1/weights.json", "models/ticket-demand/golden.json")
    for file in made:
        (copy / file).unlink()
    command = [sys.executable, "training/train.py"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True)
    assert done.stdout == "half of the events that it never saw are within 13%\n"
    assert [(copy / file).read_bytes() for file in made] == [(EXAMPLE / file).read_bytes() for file in made]


def _table() -> dict[str, list[str]]:
    rows = [line for line in (EXAMPLE / "README.md").read_text().splitlines() if line.startswith("| `")]
    found = {}
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if len(cells) == 6:
            found[cells[0].strip("`")] = cells[2:]
    return found
