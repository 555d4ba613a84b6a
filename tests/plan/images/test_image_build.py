"""What an ImageBuild asks of BuildKit."""

from __future__ import annotations

from typing import Any, Literal

import pulumi
import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import Run, run
from modelyard.registry.image_build import ImageBuild
from recorded_graph import one, refused

OWNER: Any = {"department": "toys", "cost_center": "CC-2000", "environment": "prod", "owner": "toys@retail.example"}
REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/prod/toys/trainer"
IMAGE = "docker-build:index:Image"
SECRET = "pip-token-value"


def planned(mode: Literal["preview", "up"] = "up", **args: Any) -> Run:
    def program() -> None:
        arguments: Any = {
            "repository_url": REPOSITORY,
            "tag": "1.4.2",
            "context": "./trainer",
            "ownership": OWNER,
            **args,
        }
        made = ImageBuild("trainer", arguments)
        pulumi.export("image", made.image)

    config = {"modelyard:pip": Secret(SECRET)}
    return run(program, project="modelyard", stack="prod", mode=mode, config=config)


def inputs(**args: Any) -> dict[str, Any]:
    return dict(one(planned(**args).graph, IMAGE).inputs)


def test_a_build_is_pushed_and_named_by_its_digest() -> None:
    done = planned()
    made = one(done.graph, IMAGE).inputs
    assert made["tags"] == [f"{REPOSITORY}:1.4.2"]
    assert (made["push"], made["buildOnPreview"]) == (True, False)
    assert made["context"]["location"] == "./trainer"
    assert made["dockerfile"] == {"location": "trainer/Dockerfile"}
    assert made["platforms"] == ["linux/amd64"]
    repository, digest = done.outputs["image"].split("@")
    assert repository == REPOSITORY
    assert digest.startswith("sha256:")
    assert len(digest) == 71


def test_a_plan_does_not_build_and_does_not_know_the_digest() -> None:
    assert planned("preview").outputs["image"] is UNKNOWN


def test_another_build_is_another_image() -> None:
    assert planned().outputs["image"] != planned(build_args={"CUDA": "12.8"}).outputs["image"]


def test_secrets_are_read_where_they_are_kept_and_stay_secret() -> None:
    done = planned(secrets={"pip": {"config": "pip"}})
    made = one(done.graph, IMAGE)
    shown = made.inputs["secrets"]
    held = shown if isinstance(shown, Secret) else shown["pip"]
    assert isinstance(held, Secret)
    assert SECRET not in repr(made)


def test_layers_are_kept_under_a_tag_of_their_own() -> None:
    made = inputs(cache_tag="buildcache")
    ref = f"{REPOSITORY}:buildcache-amd64"
    assert made["cacheFrom"] == [{"registry": {"ref": ref}}]
    assert made["cacheTo"][0]["registry"]["ref"] == ref
    assert (made["cacheTo"][0]["registry"]["mode"], made["cacheTo"][0]["registry"]["imageManifest"]) == ("max", True)


def test_two_platforms_are_two_builds_under_one_tag() -> None:
    done = planned(platforms=["linux/amd64", "linux/arm64"], cache_tag="buildcache")
    builds = done.graph.of_type(IMAGE)
    assert [each.inputs["platforms"] for each in builds] == [["linux/amd64"], ["linux/arm64"]]
    assert [each.inputs["tags"] for each in builds] == [[f"{REPOSITORY}:1.4.2-amd64"], [f"{REPOSITORY}:1.4.2-arm64"]]
    index = one(done.graph, "docker-build:index:Index")
    assert index.inputs["tag"] == f"{REPOSITORY}:1.4.2"
    assert set(index.property_dependencies["sources"]) == {each.urn for each in builds}
    assert done.outputs["image"].startswith(f"{REPOSITORY}@sha256:")


def test_the_image_says_whose_it_is() -> None:
    made = inputs(labels={"team": "vision"}, target="serve", named_contexts={"weights": "../weights"}, pull=True)
    assert made["labels"]["cost-center"] == "CC-2000"
    assert made["labels"]["team"] == "vision"
    assert (made["target"], made["pull"]) == ("serve", True)
    assert made["context"]["named"] == {"weights": {"location": "../weights"}}


@pytest.mark.parametrize(
    ("login", "repository", "user", "host"),
    [
        ("aws", REPOSITORY, "AWS", "123456789012.dkr.ecr.us-east-1.amazonaws.com"),
        ("gcp", "europe-west4-docker.pkg.dev/shop/prod-images/a", "oauth2accesstoken", "europe-west4-docker.pkg.dev"),
    ],
)
@pytest.mark.parametrize("platforms", [["linux/amd64"], ["linux/amd64", "linux/arm64"]])
def test_a_push_logs_in_by_a_token_that_stays_secret(
    login: str, repository: str, user: str, host: str, platforms: list[str]
) -> None:
    done = planned(login=login, repository_url=repository, platforms=platforms)
    for build in done.graph.of_type(IMAGE):
        (registry,) = build.inputs["registries"]
        assert (registry["username"], registry["address"]) == (user, host)
        assert isinstance(registry["password"], Secret)
        assert "simulated" not in repr(build)
    for index in done.graph.of_type("docker-build:index:Index"):
        assert index.inputs["registry"]["username"] == user
        assert "simulated" not in repr(index)


def test_a_build_that_another_buildx_does() -> None:
    made = inputs(exec_mode=True)
    assert made["exec"] is True
    assert "registries" not in made, "whoever builds has logged in"


REFUSED = [
    (
        {"build_args": {"PIP_TOKEN": "x"}},
        "build_args.PIP_TOKEN looks like a secret, and build arguments stay readable in the image; name it in secrets, "
        "by reference",
    ),
    (
        {"platforms": ["linux/amd46"]},
        "platforms[0]: 'linux/amd46' is not an allowed value; did you mean 'linux/amd64'? Allowed: linux/amd64, "
        "linux/arm64",
    ),
    ({"cache_tag": "1.4.2"}, "cache_tag is the image's own tag; name another"),
    ({"secrets": {"pip": {}}}, "secrets.pip: needs exactly one of config, aws_secrets_manager"),
    ({"tag": "a b"}, "tag: 'a b' must be a tag: letters, digits, dots, hyphens and underscores, at most 128"),
]


@pytest.mark.parametrize(("args", "message"), REFUSED)
def test_wrong_arguments_are_refused_before_anything_is_built(args: dict[str, Any], message: str) -> None:
    assert refused(lambda: planned(**args)) == f"ImageBuild trainer: {message}"
