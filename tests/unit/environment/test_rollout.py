"""A rollout's declaration: what is refused, with which sentence, and what follows from what is allowed."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.coherence import broken_rules
from modelyard.environment.rollout import Rollout, extra_replicas, name_problem, rollout_sentence, runtime_problem
from pydantic import ValidationError

CANARY = {"stable": 1, "canary": 2}


def rollout(**changes: Any) -> Rollout:
    return Rollout.model_validate({**CANARY, **changes})


@pytest.mark.parametrize(
    ("declared", "path", "sentence"),
    [
        ({**CANARY, "percent": 120}, ("percent",),
         "is 120, and a canary gets at most 100 % of the traffic; allowed: 0 to 100"),
        ({**CANARY, "percent": -1}, ("percent",), "is -1; allowed: 0, or one of the steps"),
        ({**CANARY, "percent": 25}, (),
         "percent 25 is none of the steps; allowed: 0, 10, 50, 100; did you mean 10?"),
        ({"canary": 2, "percent": 10}, (),
         "canary 2 has no stable version beside it; name in stable the version that serves now"),
        ({"stable": 2, "canary": 2}, (), "stable and canary are both 2; name another version, or no canary"),
        ({"stable": 1, "percent": 10}, (), "percent is 10 and there is no canary; name its version"),
        ({"stable": 1, "mirror_percent": 5}, (), "mirror_percent is 5 and there is no canary; name its version"),
        ({**CANARY, "steps": [50, 10, 100]}, ("steps",),
         "[50, 10, 100] do not rise; write each share once, from above 0 up to 100"),
        ({**CANARY, "steps": [0, 100]}, ("steps",),
         "[0, 100] do not rise; write each share once, from above 0 up to 100"),
        ({**CANARY, "steps": [10, 50]}, ("steps",),
         "[10, 50] ends at 50, not at 100; end with the step that gives all traffic"),
        ({**CANARY, "sticky": {}}, ("sticky",),
         "names neither of header and cookie; name one: {header: x-user-id} or {cookie: side}"),
        ({**CANARY, "sticky": {"header": "x", "cookie": "y"}}, ("sticky",),
         "names both of header and cookie; name one: {header: x-user-id} or {cookie: side}"),
        ({**CANARY, "sticky": {"header": "x user"}}, ("sticky", "header"),
         "'x user' is no header's name; allowed are letters, digits and hyphens, at most 128"),
        ({**CANARY, "sticky": {"cookie": "a;b"}}, ("sticky", "cookie"),
         "'a;b' is no cookie's name; allowed are letters, digits, dots, hyphens and underscores, at most 128"),
        ({**CANARY, "sticky": {"header": "x", "cookie_hours": 2}}, ("sticky",),
         "cookie_hours is for a cookie, and header is named; delete it"),
        ({**CANARY, "gates": {"business": {"query": "sales"}}}, ("gates", "business"),
         "has neither min nor max, so every value would pass; give one of them, or both"),
        ({**CANARY, "gates": {"business": {"query": "sales", "min": 2.0, "max": 1.0}}}, ("gates", "business"),
         "min 2 exceeds max 1, so no value could pass; exchange them"),
        ({**CANARY, "by": "argo_rollouts", "percent": 10}, (),
         "percent belongs to argo_rollouts, which moves it itself; delete percent, or set by: gateway"),
        ({**CANARY, "by": "flagger", "mirror_percent": 10}, (),
         "mirror_percent is not flagger's to do; mirror with by: gateway first"),
        ({**CANARY, "by": "flagger", "sticky": {"header": "x-user-id"}}, (),
         "sticky.header is not flagger's to do, which keeps callers by a cookie alone; name a cookie, or set by: "
         "gateway"),
    ],
)  # fmt: skip
def test_refused(declared: dict[str, Any], path: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Rollout.model_validate(declared)
    assert [(error["loc"], error["msg"].removeprefix("Value error, ")) for error in raised.value.errors()] == [
        (path, sentence)
    ]


@pytest.mark.parametrize(
    ("changes", "replicas"),
    [
        # One step ahead of the traffic, rounded up.
        ({"percent": 0}, 1), ({"percent": 10}, 3), ({"percent": 50}, 6), ({"percent": 100}, 6),
        ({"percent": 0, "steps": [30, 100]}, 2),
        # A shadow needs what it is sent; once it answers, the shadow is over.
        ({"mirror_percent": 100}, 6), ({"mirror_percent": 100, "percent": 10}, 3),
        ({"by": "argo_rollouts"}, 6), ({"by": "flagger"}, 6),
    ],
)  # fmt: skip
def test_room_for_the_canary(changes: dict[str, Any], replicas: int) -> None:
    assert extra_replicas(rollout(**changes), 6) == replicas


def test_no_room_without_a_canary() -> None:
    assert extra_replicas(None, 6) == 0
    assert extra_replicas(Rollout(stable=1), 6) == 0


@pytest.mark.parametrize(("percent", "mirrored"), [(0, 40), (10, 0), (100, 0)])
def test_a_shadow_ends_when_the_canary_answers(percent: int, mirrored: int) -> None:
    assert rollout(percent=percent, mirror_percent=40).mirrored == mirrored


@pytest.mark.parametrize("runtime", ["kserve", "seldon"])
def test_a_controllers_deployments_are_not_given_to_another(runtime: str) -> None:
    assert runtime_problem(rollout(by="argo_rollouts"), runtime) == (
        f"rollout.by is argo_rollouts, and the Deployments of {runtime} belong to its own controller; allowed: gateway "
        "(argo_rollouts serves triton, tensorflow_serving, torchserve)"
    )
    assert runtime_problem(rollout(), runtime) is None
    assert runtime_problem(rollout(by="flagger"), "torchserve") is None


def test_a_canarys_name_is_no_other_models() -> None:
    assert name_problem("tagger", rollout(), ["tagger", "ranker"]) is None
    assert name_problem("tagger", rollout(), ["tagger", "tagger-canary-v2"]) == (
        "the canary's objects are named tagger-canary-v2, and a model is too; rename that model"
    )
    assert name_problem("tagger", Rollout(stable=1), ["tagger-canary-v2"]) is None


@pytest.mark.parametrize(
    ("by", "name", "taken"),
    [
        ("argo_rollouts", "tagger-canary", True),
        ("argo_rollouts", "tagger-primary", False),
        ("flagger", "tagger-canary", True),
        ("flagger", "tagger-primary", True),
        ("flagger", "tagger-canary-v2", False),
    ],
)
def test_the_names_of_what_a_controller_makes_are_taken_as_well(by: Any, name: str, taken: bool) -> None:
    sentence = f"the canary's objects are named {name}, and a model is too; rename that model"
    assert name_problem("tagger", Rollout(stable=1, by=by), [name]) == (sentence if taken else None)


@pytest.mark.parametrize("sticky", [None, {"header": "x-user-id"}, {"cookie": "side"}])
def test_a_declaration_with_its_defaults_written_out_says_the_same(sticky: Any) -> None:
    declared = rollout(percent=10, sticky=sticky, gates={"error_rate": 0.1})
    assert Rollout.model_validate(declared.model_dump(exclude_none=True)) == declared


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"percent": 10.5}, [("percent",)]),
        ({"percent": True}, [("percent",)]),
        ({"percent": 10, "steps": [0.1, 0.5, 1]}, [("steps", 0), ("steps", 1)]),
        ({"percent": 10, "by": "argo"}, [("by",)]),
    ],
)
def test_one_mistake_is_told_once(changes: dict[str, Any], told: list[tuple[str | int, ...]]) -> None:
    """A value of a wrong kind is no reason for the rules between the keys to speak of it too."""
    declared = {**CANARY, **changes}
    with pytest.raises(ValidationError) as raised:
        Rollout.model_validate(declared)
    assert [error["loc"] for error in raised.value.errors()] == told
    assert broken_rules(Rollout, declared) == []


def test_a_controller_is_said_to_need_the_stable_version_first() -> None:
    assert rollout_sentence(rollout(by="argo_rollouts")) == (
        "is rolled out from version 1 to 2 by argo_rollouts, where an 'up' before has set it up with stable alone; "
        "where none has, argo_rollouts serves version 2 to everybody at once, without steps and gates"
    )
