"""The line of a department's file that a decision changes, and everything else byte for byte as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.environment.department import Department
from modelyard.environment.rollout import Rollout
from modelyard.environment.yaml_document import parse
from modelyard.promotion.canary import Canary
from modelyard.promotion.decision import Decision
from modelyard.promotion.declared_change import ChangedLine, NotWritable, changed, changed_lines

HEAD = """\
# yaml-language-server: $schema=../../schema/department.schema.json
department: shop   # ours
cost_center: CC-1
owner: shop@example.org
monthly_budget_usd: 100

models:
  - name: other
    task: ranking
    source: ../models/other
    rollout: {stable: 1, canary: 2, percent: 10}
  - name: tagger
    task: ranking
    source: "../models/tagger"   # percent: 10
"""
BLOCK = """\
    rollout:
      stable: 1
      canary: 2          # since Monday
      percent: 10        # of everybody
      steps: [10, 50, 100]
    scaling: {min_replicas: 1}
"""
FLOW = "    rollout: {stable: 1, canary: 2, percent: 10, steps: [10, 50, 100]}  # slowly\n"
MANY_LINES = """\
    rollout: {
      stable: 1, canary: 2,
      "percent": 10, gates: {error_rate: 0.01}
    }
"""
PROMOTE, ROLL_BACK, FINISH = Decision("promote", (), 0, 50), Decision("roll_back", (), 2, 0), Decision("finish", (), 0)


def of(text: str) -> Canary:
    """The canary of the second model."""
    model = Department.model_validate(parse(text.removeprefix("\ufeff")).data).models[1]
    assert model.rollout is not None and model.rollout.canary is not None
    return Canary("prod", "shop", "tagger", 1, Path("shop.yaml"), "prod/departments/shop.yaml", model.rollout,
                  model.rollout.canary, "version" in model.model_fields_set, ("east",), (), "", 4)  # fmt: skip


def rollout_after(text: str) -> Rollout | None:
    return Department.model_validate(parse(text.removeprefix("\ufeff")).data).models[1].rollout


@pytest.mark.parametrize(
    ("written", "decision", "before", "after"),
    [
        (BLOCK, PROMOTE, "percent: 10        # of", "percent: 50        # of"),
        (BLOCK, ROLL_BACK, "percent: 10        # of", "percent: 0        # of"),
        (FLOW, PROMOTE, "percent: 10, steps", "percent: 50, steps"),
        (MANY_LINES, ROLL_BACK, '"percent": 10', '"percent": 0'),
        (BLOCK.replace("      percent: 10        # of everybody\n", ""), PROMOTE,
         "canary: 2          # since Monday\n", "canary: 2          # since Monday\n      percent: 50\n"),
        ("    rollout: {canary: 2, stable: 1}\n", PROMOTE, "{canary: 2, stable", "{canary: 2, percent: 50, stable"),
        (BLOCK, FINISH, """\
      stable: 1
      canary: 2          # since Monday
      percent: 10        # of everybody
""", "      stable: 2\n"),
        (FLOW, FINISH, "{stable: 1, canary: 2, percent: 10, steps", "{stable: 2, steps"),
        ("    rollout: {percent: 10, stable: 1, mirror_percent: 5, canary: 2}\n", FINISH,
         "{percent: 10, stable: 1, mirror_percent: 5, canary: 2}", "{stable: 2}"),
        (f"    version: 1\n{FLOW}", FINISH, "version: 1\n    rollout: {stable: 1, canary: 2, percent: 10, steps",
         "version: 2\n    rollout: {stable: 2, steps"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("file", ["unix", "dos", "marked", "no line feed at the end"])
def test_one_line_changes(written: str, decision: Decision, before: str, after: str, file: str) -> None:
    """Also in files with carriage returns or a byte order mark, which stay."""

    def as_file(text: str) -> str:
        if file == "dos":
            return text.replace("\n", "\r\n")
        if file == "marked":
            return f"\ufeff{text}"
        return text.removesuffix("\n") if file.startswith("no") else text

    text = HEAD + written
    assert text.count(before) == 1 or written.count(before) == 1
    expected = HEAD + written.replace(before, after)
    made = changed(as_file(text), of(text), decision)
    assert made == as_file(expected)
    rollout = rollout_after(made)
    assert rollout is not None
    if decision is FINISH:
        assert (rollout.stable, rollout.canary, rollout.percent) == (2, None, 0)
    else:
        assert rollout.percent == decision.percent


def test_the_last_line_may_be_the_one_that_goes() -> None:
    text = HEAD + "    rollout:\n      stable: 1\n      steps: [10, 100]\n      percent: 100\n      canary: 2"
    made = changed(text, of(text), FINISH)
    assert made == HEAD + "    rollout:\n      stable: 2\n      steps: [10, 100]\n"


@pytest.mark.parametrize(
    ("text", "by_hand"),
    [
        (HEAD.replace("rollout: {", "rollout: &both {") + "    rollout: *both\n", "rollout.percent: 50"),
        (HEAD.replace("percent: 10}", "percent: &share 10}") + "    rollout: {stable: 1, canary: 2, percent: *share}\n",
         "rollout.percent: 50"),
    ],
)  # fmt: skip
def test_what_two_models_share_is_not_changed_for_both(text: str, by_hand: str) -> None:
    with pytest.raises(NotWritable) as refused:
        changed(text, of(text), PROMOTE)
    assert str(refused.value) == (
        "prod/departments/shop.yaml: the rollout of model 'tagger' is written in a way that is not changed here; "
        f"change it by hand: {by_hand}"
    )


def test_a_comment_inside_of_braces_stays() -> None:
    text = HEAD + "    rollout: {stable: 1, canary: 2, # since Monday\n      percent: 10}\n"
    with pytest.raises(NotWritable, match=r"by hand: rollout\.stable: 2, and without canary, percent, mirror_percent$"):
        changed(text, of(text), FINISH)


def test_lines_that_differ() -> None:
    text = HEAD + BLOCK
    made = changed(text, of(text), FINISH)
    assert changed_lines(text, made) == (
        ChangedLine(16, "      stable: 1", "      stable: 2"),
        ChangedLine(17, "      canary: 2          # since Monday", None),
        ChangedLine(18, "      percent: 10        # of everybody", None),
    )
