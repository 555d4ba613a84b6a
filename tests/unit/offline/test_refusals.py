"""What the engine and the providers refuse, in whose words, and all of it at once."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
import pytest
from modelyard.offline import InputsRefused, NotSupported, ProgramFailed

from .programs import BUCKET, REPOSITORY, Group, provider, repository, resource, run_program, urn


def long_name() -> None:
    resource(BUCKET, "b" * 60)


def duplicate() -> None:
    repository("images")
    repository("images")


def unknown_type() -> None:
    resource("aws:ecr/repository:Repositori", "images")


def unknown_package() -> None:
    resource("awz:ecr/repository:Repository", "images")


def unknown_property() -> None:
    repository("images", imageTagMutabilty="IMMUTABLE")


def bad_provider() -> None:
    provider("west", regionn="us-west-2")


def denied_default() -> None:
    repository("images")


@pytest.mark.parametrize(
    ("program", "config", "refusals"),
    [
        (
            long_name,
            {},
            [
                (
                    urn(BUCKET, "b" * 60),
                    "bucket",
                    f"the name made from '{'b' * 60}' (60 characters, plus '-' and 7 random ones) exceeds 63 "
                    "characters; shorten the resource's name to 55 or set this property",
                )
            ],
        ),
        (
            duplicate,
            {},
            [
                (
                    urn(REPOSITORY, "images"),
                    "",
                    f"Duplicate resource URN '{urn(REPOSITORY, 'images')}'; try giving it a unique name",
                )
            ],
        ),
        (
            unknown_type,
            {},
            [
                (
                    urn("aws:ecr/repository:Repositori", "images"),
                    "",
                    "the simulated aws provider knows no resource type 'aws:ecr/repository:Repositori'; "
                    "did you mean 'aws:ecr/repository:Repository'?",
                )
            ],
        ),
        (
            unknown_package,
            {},
            [
                (
                    urn("awz:ecr/repository:Repository", "images"),
                    "",
                    "package 'awz' has no simulated provider (did you mean 'aws'?): simulated are aws, "
                    "aws-native, azure-native, docker, docker-build, gcp, kubernetes, pulumi-python; plan this "
                    "stack with `pulumi preview`",
                )
            ],
        ),
        (
            denied_default,
            {"pulumi:disable-default-providers": '["aws"]'},
            [
                (
                    urn(REPOSITORY, "images"),
                    "",
                    f"Default provider for 'aws' disabled. '{REPOSITORY}' must use an explicit provider.",
                )
            ],
        ),
    ],
)
def test_what_is_refused(
    program: Callable[[], None], config: dict[str, str], refusals: list[tuple[str, str, str]]
) -> None:
    with pytest.raises(InputsRefused) as refused:
        run_program(program, config={"aws:region": "us-east-1", **config})
    assert [(r.urn, r.path, r.reason) for r in refused.value.refusals] == refusals


@pytest.mark.parametrize(("program", "path"), [(unknown_property, "imageTagMutabilty"), (bad_provider, "regionn")])
def test_the_schemas_problems_are_passed_on(program: Callable[[], None], path: str) -> None:
    with pytest.raises(InputsRefused) as refused:
        run_program(program)
    assert [r.path for r in refused.value.refusals] == [path]


def test_all_refusals_are_found_in_one_run() -> None:
    def program() -> None:
        first = repository("first", imageTagMutability=["no"])
        repository("second", name=first.__dict__["arn"])
        repository("third", unknown="property", tags="none")

    with pytest.raises(InputsRefused) as refused:
        run_program(program)
    assert [(r.urn.rpartition("::")[2], r.path) for r in refused.value.refusals] == [
        ("first", "imageTagMutability"),
        ("third", "tags"),
        ("third", "unknown"),
    ]
    assert str(refused.value).splitlines()[0] == "3 inputs were refused:"


def test_a_failing_program_still_tells_what_was_refused() -> None:
    def program() -> None:
        repository("images", unknown="property").id.apply(print)
        raise ValueError("later")

    with pytest.raises(ProgramFailed) as failed:
        run_program(program)
    assert [r.path for r in failed.value.refusals] == ["unknown"]
    assert str(failed.value).splitlines()[0] == "the program failed: ValueError: later"


def hooked() -> None:
    async def hook(_args: pulumi.ResourceHookArgs) -> None: ...

    before = pulumi.ResourceHook("check", hook)
    repository("images", pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(before_create=[before])))


def remote() -> None:
    pulumi.ComponentResource("awsx:ec2:Vpc", "vpc", {}, None, True)


def called() -> None:
    pulumi.runtime.call("kubernetes:index:method", {}, Group("group"))


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            hooked,
            "resource hooks are not supported offline (check): declare the hook only when "
            "pulumi.runtime.is_dry_run() is false, or remove it",
        ),
        (
            remote,
            "remote components are not supported offline (awsx:ec2:Vpc 'vpc'): use a component written in this "
            "program's language, or plan this stack with `pulumi preview`",
        ),
        (
            called,
            "methods of remote components are not supported offline (kubernetes:index:method): plan this stack with "
            "`pulumi preview`, which runs the plugin",
        ),
    ],
)
def test_what_only_the_real_engine_can_do(program: Callable[[], None], message: str) -> None:
    with pytest.raises(ProgramFailed) as failed:
        run_program(program)
    assert str(failed.value) == f"the program failed: NotSupported: {message}"
    assert isinstance(failed.value.__cause__, NotSupported)


def test_an_unknown_function_is_named() -> None:
    token = "aws:ec2/getVpcc:getVpcc"
    with pytest.raises(ProgramFailed) as failed:
        run_program(lambda: pulumi.runtime.invoke(token, {}))
    assert "the simulated aws provider knows no function 'aws:ec2/getVpcc:getVpcc'" in str(failed.value)
    assert "did you mean 'aws:ec2/getVpc:getVpc'?" in str(failed.value)


def test_a_plain_call_that_only_an_account_can_answer_says_what_to_do() -> None:
    def program() -> None:
        vpc = pulumi.runtime.invoke("aws:ec2/getVpc:getVpc", {"id": "vpc-1"}).value
        pulumi.export("cidr", vpc["cidrBlock"])

    with pytest.raises(ProgramFailed) as failed:
        run_program(program)
    assert str(failed.value).endswith(
        "(only an account can answer aws:ec2/getVpc:getVpc: offline the result is unknown, use the _output form)"
    )
