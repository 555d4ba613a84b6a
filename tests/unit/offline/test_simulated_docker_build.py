"""Image builds without a daemon: what changes in place, digests that follow the inputs, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline.simulated import Before, all_providers, served_packages
from modelyard.offline.simulated.docker_build import SimulatedDockerBuild

IMAGE = "docker-build:index:Image"
INDEX = "docker-build:index:Index"
BUILDER = SimulatedDockerBuild({})


def urn(token: str, name: str = "trainer") -> str:
    return f"urn:pulumi:prod::shop::{token}::{name}"


@pytest.mark.parametrize(
    ("token", "before", "after", "replaced"),
    [
        (IMAGE, {"tags": ["a:1"]}, {"tags": ["a:2"]}, ()),
        (IMAGE, {"platforms": ["linux/amd64"]}, {"platforms": ["linux/arm64"]}, ()),
        (INDEX, {"sources": ["a"]}, {"sources": ["b"]}, ()),
        (INDEX, {"tag": "a:1"}, {"tag": "a:2"}, ("tag",)),
    ],
)
def test_another_build_is_pushed_by_the_same_resource(
    token: str, before: dict[str, Any], after: dict[str, Any], replaced: tuple[str, ...]
) -> None:
    found = BUILDER.diff(token, urn(token), after, before)
    assert found.changed == tuple(after)
    assert found.replace == replaced


def login(password: Any, user: str = "AWS") -> dict[str, Any]:
    return {"address": "registry.example", "username": user, "password": password}


@pytest.mark.parametrize(
    ("token", "before", "after", "changed"),
    [
        (IMAGE, {"registries": [login("a")]}, {"registries": [login("b")]}, ()),
        (IMAGE, {"registries": [login(Secret("a"))]}, {"registries": [login(Secret("b"))]}, ()),
        (IMAGE, {"registries": [login("a")]}, {"registries": [login("a", "other")]}, ("registries",)),
        (IMAGE, {}, {"registries": [login("a")]}, ("registries",)),
        (INDEX, {"registry": login("a")}, {"registry": login("b")}, ()),
    ],
)
def test_another_token_is_no_change(
    token: str, before: dict[str, Any], after: dict[str, Any], changed: tuple[str, ...]
) -> None:
    assert BUILDER.diff(token, urn(token), after, before).changed == changed


def test_the_digest_follows_the_inputs() -> None:
    def built(**inputs: Any) -> dict[str, Any]:
        return BUILDER.create(IMAGE, urn(IMAGE), {"push": True, "tags": ["a:1"], **inputs}, preview=False).outputs

    assert built() == built()
    assert built()["ref"] == f"a:1@{built()['digest']}"
    changed = BUILDER.update(IMAGE, urn(IMAGE), {"push": True, "tags": ["a:2"]}, Before({}, {}), preview=False)
    assert changed["digest"] not in (built()["digest"], UNKNOWN)


def test_a_preview_builds_nothing() -> None:
    made = BUILDER.create(IMAGE, urn(IMAGE), {"push": True}, preview=True)
    assert (made.id, made.outputs["digest"], made.outputs["ref"]) == (UNKNOWN, UNKNOWN, UNKNOWN)


def test_secrets_of_a_build_stay_secret() -> None:
    assert isinstance(BUILDER.with_secrets(IMAGE, {"secrets": {"pip": "x"}})["secrets"], Secret)


def test_wrong_inputs_and_unknown_types_are_refused() -> None:
    assert [str(each) for each in BUILDER.check(IMAGE, urn(IMAGE), {"push": True, "tag": "a"}).problems]
    assert [str(each) for each in BUILDER.check("docker-build:index:Images", urn("x"), {}).problems]
    assert not BUILDER.check(IMAGE, urn(IMAGE), {"push": True, "tags": ["a"]}).problems


def test_both_engines_have_it() -> None:
    assert "docker-build" in all_providers()
    assert "docker-build" in served_packages()
