"""Secrets stay secret, also those whose value nobody here knows."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.graph import UNKNOWN, Secret, plain
from modelyard.offline import ProgramFailed

from .programs import CONFIG, Group, repository, resource, run_program

PASSWORD = "correct-horse-battery"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def deploy() -> None:
    password = pulumi.Config().require_secret("password")
    made = resource(SECRET_VERSION, "version", secretId="db", secretString=password)
    resource(
        "aws:ssm/parameter:Parameter",
        "parameter",
        type="SecureString",
        value=pulumi.Output.concat("user:", password),
    )
    pulumi.export("password", password)
    pulumi.export("derived", password.apply(str.upper))
    pulumi.export("nested", {"inside": [password]})
    pulumi.export("from-resource", made.__dict__["secretString"])


@pytest.mark.parametrize(
    ("value", "concatenated", "derived"),
    [(PASSWORD, f"user:{PASSWORD}", PASSWORD.upper()), (UNKNOWN, UNKNOWN, UNKNOWN)],
)
def test_a_secret_reaches_inputs_and_outputs_as_one(value: Any, concatenated: Any, derived: Any) -> None:
    run = run_program(deploy, config={**CONFIG, "shop:password": Secret(value)})
    version, parameter = run.graph.resources[-2:]
    assert version.inputs["secretString"] == Secret(value)
    assert version.outputs["secretString"] == Secret(value)
    assert parameter.inputs["value"] == Secret(concatenated)
    assert run.outputs["password"] == Secret(value)
    assert run.outputs["derived"] == Secret(derived)
    assert run.outputs["from-resource"] == Secret(value)
    assert PASSWORD not in repr(run) + repr(plain(run.outputs))


def test_what_is_logged_is_masked() -> None:
    def program() -> None:
        pulumi.Config().require_secret("password").apply(lambda text: pulumi.log.warn(f"the password is {text}!"))
        pulumi.log.error("no secret here", Group("group"))
        pulumi.log.debug("not shown")

    run = run_program(program, config={**CONFIG, "shop:password": Secret(PASSWORD)})
    assert sorted((d.severity, d.message, d.urn) for d in run.diagnostics) == [
        ("error", "no secret here", "urn:pulumi:dev::shop::test:index:Group::group"),
        ("warning", "the password is [secret]!", None),
    ]


def test_an_error_with_a_secret_in_it_is_masked() -> None:
    def program() -> None:
        raise ValueError(f"cannot log in with {pulumi.Config().require('password')}")

    with pytest.raises(ProgramFailed) as failed:
        run_program(program, config={**CONFIG, "shop:password": Secret(PASSWORD)})
    assert str(failed.value) == "the program failed: ValueError: cannot log in with [secret]"
    assert str(failed.value.__cause__) == "cannot log in with [secret]"


def test_a_secret_that_a_program_makes_is_masked_too() -> None:
    def program() -> None:
        repository("images", tags={"token": pulumi.Output.secret(PASSWORD)})
        pulumi.log.info(f"using {PASSWORD}")

    run = run_program(program)
    assert [d.message for d in run.diagnostics] == ["using [secret]"]
    assert run.graph.resources[-1].inputs["tagsAll"] == {"token": Secret(PASSWORD)}


def test_named_outputs_become_secret() -> None:
    def program() -> None:
        images = repository("images", pulumi.ResourceOptions(additional_secret_outputs=["repositoryUrl", "arn"]))
        pulumi.export("url", images.__dict__["repositoryUrl"])

    assert run_program(program).outputs["url"] == Secret(UNKNOWN)
    url = run_program(program, mode="up").outputs["url"]
    assert isinstance(url, Secret)
    assert url.reveal().endswith("/images-67e44d7")


def test_a_kubernetes_secret_is_secret_without_being_told() -> None:
    def program() -> None:
        cluster = pulumi.ProviderResource("kubernetes", "cluster", {"kubeconfig": "{}"})
        resource(
            "kubernetes:core/v1:Secret",
            "login",
            pulumi.ResourceOptions(provider=cluster),
            apiVersion="v1",
            kind="Secret",
            stringData={"password": PASSWORD},
        )
        pulumi.log.info(PASSWORD)

    run = run_program(program)
    assert run.graph.resources[-1].inputs["stringData"] == Secret({"password": PASSWORD})
    assert [d.message for d in run.diagnostics] == ["[secret]"]


TYPED = ["require_secret_int", "require_secret_float", "require_secret_bool", "require_secret_object"]
TYPED += [name.replace("require", "get") for name in TYPED]


@pytest.mark.parametrize("asked", TYPED)
def test_an_undecrypted_value_of_any_type_is_an_unknown_secret(asked: str) -> None:
    def program() -> None:
        pulumi.export("value", getattr(pulumi.Config(), asked)("value"))

    assert run_program(program, config={**CONFIG, "shop:value": Secret(UNKNOWN)}).outputs == {"value": Secret(UNKNOWN)}


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [("int", "7", 7), ("float", "0.5", 0.5), ("bool", "true", True), ("object", '{"a": 1}', {"a": 1})],
)
def test_a_decrypted_value_is_what_it_says(asked: str, text: str, value: Any) -> None:
    def program() -> None:
        pulumi.export("secret", getattr(pulumi.Config(), f"require_secret_{asked}")("value"))
        pulumi.export("plain", getattr(pulumi.Config(), f"require_{asked}")("plain"))

    config = {**CONFIG, "shop:value": Secret(text), "shop:plain": text}
    assert run_program(program, config=config).outputs == {"secret": Secret(value), "plain": value}


@pytest.mark.parametrize("asked", ["int", "float", "bool", "object"])
@pytest.mark.parametrize("way", ["get", "require"])
def test_an_undecrypted_value_is_nothing_else(way: str, asked: str) -> None:
    def program() -> None:
        getattr(pulumi.Config(), f"{way}_{asked}")("value")

    with pytest.raises(ProgramFailed) as failed:
        run_program(program, config={**CONFIG, "shop:value": Secret(UNKNOWN)})
    assert str(failed.value) == (
        f"configuration value 'shop:value' is encrypted and {way}_{asked} needs its text, which an offline run never "
        f"decrypts; read it with {way}_secret_{asked}, or store it unencrypted if it is no secret"
    )


def test_the_sdk_is_as_it_was_after_a_run() -> None:
    before = {name: getattr(pulumi.Config, name) for name in ("_get_int", "_get_bool", "_get_float", "_get_object")}
    run_program(lambda: None)
    assert {name: getattr(pulumi.Config, name) for name in before} == before
