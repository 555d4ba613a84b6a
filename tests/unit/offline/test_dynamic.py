"""Dynamic resources offline: their provider is asked what the engine asks it in a preview, and no more."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import InputsRefused
from modelyard.offline.simulated import DynamicProviders
from pulumi.dynamic import CheckFailure, CheckResult, DiffResult, Resource, ResourceProvider

from .programs import output, repository, run_program, urn

TYPE = "pulumi-python:dynamic/test:Account"


class AccountProvider(ResourceProvider):
    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        failures = [] if news.get("size") != 13 else [CheckFailure("size", "13 is no size")]
        return CheckResult({**news, "region": news.get("region", "nowhere")}, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        names = [name for name in ("region", "size") if _olds.get(name) != _news.get(name)]
        return DiffResult(bool(names), [name for name in names if name == "region"])

    def create(self, props: dict[str, Any]) -> Any:
        raise AssertionError("a preview creates nothing")


class Account(Resource, module="test", name="Account"):
    number: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, /, **props: Any) -> None:
        super().__init__(AccountProvider(), name, {**props, "number": None}, opts)


def test_check_fills_in_and_what_create_would_compute_stays_unknown() -> None:
    def program() -> None:
        account = Account("a", size=3, name=pulumi.Output.secret("n"), of=output(repository("images"), "repositoryUrl"))
        pulumi.export("number", account.number)

    done = run_program(program)
    (account,) = done.graph.of_type(TYPE)
    given = {name: value for name, value in account.inputs.items() if name != "__provider"}
    assert given == {"name": Secret("n"), "of": UNKNOWN, "region": "nowhere", "size": 3}
    assert done.outputs["number"] is UNKNOWN
    assert account.provider == "urn:pulumi:dev::shop::pulumi:providers:pulumi-python::default"
    assert [each.urn.rpartition("::")[2] for each in map(done.graph.get, account.dependencies) if each] == ["images"]


def test_a_simulated_up_runs_nothing_of_the_provider_either() -> None:
    done = run_program(lambda: pulumi.export("id", Account("a", size=3).id), mode="up")
    assert len(done.outputs["id"]) == 36


def test_what_check_refuses_is_refused_with_all_the_rest() -> None:
    def program() -> None:
        Account("a", size=13)
        repository("images", nmae="x")

    with pytest.raises(InputsRefused) as refused:
        run_program(program)
    assert {(each.urn, each.path) for each in refused.value.refusals} == {
        (urn(TYPE, "a"), "size"),
        (urn("aws:ecr/repository:Repository", "images"), "nmae"),
    }


def test_a_state_is_compared_by_the_providers_own_diff() -> None:
    def program() -> None:
        Account("a", size=3, region="here")

    (account,) = run_program(program).graph.of_type(TYPE)
    dynamic = DynamicProviders({})
    for changes, changed, replace in (
        ({}, (), ()),
        ({"size": 4}, ("size",), ()),
        ({"region": "there"}, ("region",), ("region",)),
    ):
        difference = dynamic.diff(TYPE, account.urn, {**account.inputs, **changes}, account.inputs)
        assert (difference.changed, difference.replace) == (changed, replace)


def test_values_are_told_as_the_engines_plugin_tells_them() -> None:
    class Seen(AccountProvider):
        def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
            told = [type(news[name]).__name__ for name in ("of", "size", "secret")]
            return CheckResult(news, [CheckFailure("of", " ".join(told))])

    class Watched(Resource, module="test", name="Watched"):
        def __init__(self, name: str, of: Any) -> None:
            super().__init__(Seen(), name, {"of": of, "size": 3, "secret": pulumi.Output.secret("s")})

    def program() -> None:
        Watched("w", output(repository("images"), "repositoryUrl"))

    with pytest.raises(InputsRefused, match="of: Unknown float str"):
        run_program(program)


def test_a_resource_without_its_provider_is_refused() -> None:
    checked = DynamicProviders({}).check(TYPE, urn(TYPE, "a"), {"size": 3})
    assert [problem.reason for problem in checked.problems] == [f"{TYPE} brings no provider along (no '__provider')"]
