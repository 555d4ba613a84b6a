"""Stacks that read other stacks' outputs."""

from __future__ import annotations

import gc

import pulumi
import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import ProgramFailed, UnknownStack

from .programs import repository, run_program

FOUNDATION = {
    "acme/base/prod": {"cluster": "blue", "endpoint": UNKNOWN, "token": Secret("t0p-secret"), "key": Secret(UNKNOWN)}
}


def read(name: str = "acme/base/prod") -> None:
    base = pulumi.StackReference("base", stack_name=name)
    for output in ("cluster", "endpoint", "token", "key", "missing"):
        pulumi.export(output, base.get_output(output))
    pulumi.export("all", base.outputs["cluster"])
    repository("images", tags={"cluster": base.require_output("cluster"), "token": base.get_output("token")})


@pytest.mark.parametrize("mode", ["preview", "up"])
def test_known_unknown_and_secret_outputs_stay_so(mode: str) -> None:
    run = run_program(read, references=FOUNDATION, mode=mode)
    assert run.outputs["cluster"] == run.outputs["all"] == "blue"
    assert run.outputs["endpoint"] is UNKNOWN
    assert run.outputs["token"] == Secret("t0p-secret")
    assert run.outputs["key"] == Secret(UNKNOWN)
    assert run.outputs.get("missing") is None
    images = run.graph.resources[-1]
    assert images.inputs["tags"] == {"cluster": "blue", "token": Secret("t0p-secret")}
    (reference,) = run.graph.of_type("pulumi:pulumi:StackReference")
    assert images.dependencies == (reference.urn,)
    assert run.options[reference.urn].external is True


@pytest.mark.parametrize("name", ["prod", "base/prod", "acme/base/prod"])
def test_a_name_may_leave_out_what_is_the_same(name: str) -> None:
    run = run_program(
        lambda: pulumi.export("cluster", pulumi.StackReference(name).get_output("cluster")),
        project="base",
        organization="acme",
        references=FOUNDATION,
    )
    assert run.outputs == {"cluster": "blue"}


@pytest.mark.parametrize(
    ("references", "message"),
    [
        (
            FOUNDATION,
            "stack 'acme/base/prd' is referenced but has not been planned (did you mean 'acme/base/prod'?): "
            "planned stacks are 'acme/base/prod'; plan it before this one",
        ),
        (
            {},
            "stack 'acme/base/prd' is referenced but has not been planned: planned stacks are none; "
            "plan it before this one",
        ),
    ],
)
def test_a_stack_that_was_not_planned(
    references: dict[str, dict[str, object]], message: str, recwarn: pytest.WarningsRecorder
) -> None:
    with pytest.raises(ProgramFailed) as failed:
        run_program(lambda: read("acme/base/prd"), references=references)
    assert isinstance(failed.value.__cause__, UnknownStack)
    assert str(failed.value) == message
    del failed
    gc.collect()
    assert [str(each.message) for each in recwarn] == []


def test_the_outputs_of_one_run_are_the_references_of_the_next() -> None:
    def base() -> None:
        pulumi.export("url", repository("images").__dict__["repositoryUrl"])
        pulumi.export("name", "blue")

    first = run_program(base, project="base", stack="prod")
    second = run_program(
        lambda: [
            pulumi.export(name, pulumi.StackReference(f"ref-{name}", "organization/base/prod").get_output(name))
            for name in ("url", "name")
        ],
        references={"organization/base/prod": first.outputs},
    )
    assert second.outputs == {"url": UNKNOWN, "name": "blue"}
