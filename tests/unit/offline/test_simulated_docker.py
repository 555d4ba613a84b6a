"""Docker without a daemon: names, what changes in place, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN
from modelyard.offline.simulated.docker import SimulatedDocker

CONTAINER = "docker:index/container:Container"
IMAGE = "docker:index/remoteImage:RemoteImage"
DOCKER = SimulatedDocker({})


def urn(token: str, name: str = "demo") -> str:
    return f"urn:pulumi:local::demo::{token}::{name}"


@pytest.mark.parametrize(
    ("token", "before", "after", "replaced", "deleted_first"),
    [
        (CONTAINER, {"memory": 1}, {"memory": 2}, (), False),
        (CONTAINER, {"restart": "no"}, {"restart": "always"}, (), False),
        (CONTAINER, {"image": "a"}, {"image": "b"}, ("image",), True),
        (CONTAINER, {"ports": []}, {"ports": [{"internal": 80}]}, ("ports",), True),
        (CONTAINER, {"user": "0"}, {}, ("user",), True),
        (IMAGE, {"keepLocally": True}, {"keepLocally": False}, (), False),
        (IMAGE, {"name": "a:1"}, {"name": "a:2"}, ("name",), False),
    ],
)
def test_what_makes_a_new_one(
    token: str, before: dict[str, Any], after: dict[str, Any], replaced: tuple[str, ...], deleted_first: bool
) -> None:
    found = DOCKER.diff(token, urn(token), after, before)
    assert found.changed
    assert (found.replace, found.delete_first) == (replaced, deleted_first)


def test_a_container_without_a_name_gets_one_and_keeps_it() -> None:
    made = DOCKER.check(CONTAINER, urn(CONTAINER), {"image": "a"}).inputs
    assert made["name"].startswith("demo-")
    later = DOCKER.check(CONTAINER, urn(CONTAINER), {"image": "b"}, {"image": "a", "name": "demo-first"}).inputs
    assert later["name"] == "demo-first"


def test_what_an_image_is_called_here_is_known_after_it_was_pulled() -> None:
    planned = DOCKER.create(IMAGE, urn(IMAGE), {"name": "a:1"}, preview=True)
    assert planned.id is UNKNOWN and planned.outputs["imageId"] is UNKNOWN
    pulled = DOCKER.create(IMAGE, urn(IMAGE), {"name": "a:1"}, preview=False)
    assert pulled.outputs["imageId"].startswith("sha256:")


@pytest.mark.parametrize(
    ("token", "inputs", "said"),
    [
        (CONTAINER, {"image": "a", "memory": "much"}, "memory"),
        (CONTAINER, {}, "image"),
        (CONTAINER, {"image": "a", "port": []}, "port"),
        (IMAGE, {"name": "a", "build": {"contxt": "."}}, "build"),
    ],
)
def test_inputs_that_the_provider_would_refuse(token: str, inputs: dict[str, Any], said: str) -> None:
    (problem, *_) = DOCKER.check(token, urn(token), inputs).problems
    assert problem.path.startswith(said)


def test_a_type_that_there_is_not() -> None:
    (problem,) = DOCKER.check("docker:index/container:Containr", "urn", {}).problems
    assert problem.reason == (
        "the simulated docker provider knows no resource type 'docker:index/container:Containr'; did you mean "
        "'docker:index/container:Container'?"
    )
