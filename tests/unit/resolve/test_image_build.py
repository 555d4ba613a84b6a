"""Images that models' declarations build: what is missing for them, their tags, and what they are built on."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.resolve.build_context import context_digest
from modelyard.resolve.dockerfile import read_dockerfile

from .world import PLATFORM, TOYS, lines, only_model, resolved, write

DIGEST = "sha256:" + "a" * 64
DOCKERFILE = f"FROM nvcr.io/nvidia/tritonserver:26.07-py3@{DIGEST} AS serve\nCOPY app.py /app.py\n"
BUILD = "    image: toys/tagging\n    build: {context: ../images/tagging}\n"


def world(root: Path, build: str = BUILD, dockerfile: str | None = DOCKERFILE) -> Path:
    folder = root / "stacks" / "images" / "tagging"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text("print(1)\n")
    if dockerfile is not None:
        (folder / "Dockerfile").write_text(dockerfile)
    return write(root, toys=TOYS + build)


def tag_of(folder: Path) -> str:
    model = only_model(folder)
    assert model.build is not None and model.image == f"registry:{model.build.image}"
    repository, _, tag = model.build.image.partition(":")
    assert repository == "toys/tagging"
    return tag


def test_a_tag_says_what_went_into_the_image(tmp_path: Path) -> None:
    before = tag_of(world(tmp_path / "here"))
    assert len(before) == 16
    assert tag_of(world(tmp_path / "there")) == before, "on every machine"
    (tmp_path / "there" / "stacks" / "images" / "tagging" / "app.py").write_text("print(2)\n")
    assert tag_of(tmp_path / "there" / "stacks" / "prod") != before
    assert tag_of(world(tmp_path / "args", BUILD.replace("}", ", build_args: {CUDA: '12'}}"))) != before
    cached = world(tmp_path / "cached", BUILD.replace("}", ", cache_tag: buildcache}"))
    moves = PLATFORM.replace("[toys/tagging]}", "[toys/tagging], mutable_tags: [buildcache-*]}")
    (cached / "platform.yaml").write_text(moves)
    assert tag_of(cached) == before


def test_a_tag_that_is_written_stays(tmp_path: Path) -> None:
    assert tag_of(world(tmp_path, BUILD.replace("toys/tagging", "toys/tagging:1.4.2", 1))) == "1.4.2"


def test_base_images_without_a_digest_are_told(tmp_path: Path) -> None:
    text = "is served by an image built on"
    assert not [each for each in resolved(world(tmp_path)).notices if text in each]
    loose = world(tmp_path, dockerfile=DOCKERFILE.replace(f"@{DIGEST}", ""))
    assert [each for each in resolved(loose).notices if text in each] == [
        "model 'tagging' is served by an image built on nvcr.io/nvidia/tritonserver:26.07-py3, which another day may "
        "be another; name digests in FROM"
    ]


REFUSED = [
    (
        "image: toys/tagging\n    build: {context: ../images/tagging, cache_tag: buildcache}",
        "build.cache_tag: 'buildcache' would move at each build, and tags are immutable; add 'buildcache-*' to "
        "image_registry.mutable_tags, which Amazon ECR alone has, or delete it",
    ),
    (
        "image: toys/tagging\n    build: {context: ../images/taging}",
        "build.context: there is no folder '../images/taging', which is looked for from the environment's folder; did "
        "you mean '../images/tagging'?",
    ),
    (
        "image: toys/tagging\n    build: {context: ../images/tagging, dockerfile: ../images/tagging/Dockerfle}",
        "build.dockerfile: there is no file '../images/tagging/Dockerfle', which is looked for from the environment's "
        "folder; did you mean '../images/tagging/Dockerfile'?",
    ),
    (
        "image: toys/tagging\n    build: {context: ../images/tagging, target: serv}",
        "build.target: 'serv' is no stage of '../images/tagging/Dockerfile'; did you mean 'serve'? Stages: serve",
    ),
    (
        "image: toys/tagging\n    build: {context: /images}",
        "build.context: '/images' must be relative to the environment's folder, so that it is the same on every "
        "machine",
    ),
    (
        "image: toys/taging\n    build: {context: ../images/tagging}",
        "image: 'toys/taging' is not a repository of the image registry; did you mean 'toys/tagging'? Declared: "
        "toys/tagging. A tag of a registry that somebody else owns can change: use its digest",
    ),
    (
        "image: toys/tagging\n    build: {context: ../images/tagging, named_contexts: {weights: ../weights}}",
        "build.named_contexts.weights: there is no folder '../weights', which is looked for from the environment's "
        "folder",
    ),
]


@pytest.mark.parametrize(("declared", "told"), REFUSED)
def test_what_keeps_a_build_from_beginning_is_one_sentence(tmp_path: Path, declared: str, told: str) -> None:
    (found,) = lines(world(tmp_path, f"    {declared}\n"))
    assert found.partition(": models[0].")[2] == f"{told} (model 'tagging')"


@pytest.mark.parametrize(
    ("dockerfile", "told"),
    [
        (
            None,
            "there is no file '../images/tagging/Dockerfile', which is looked for from the environment's folder",
        ),
        ("# nothing\n", "'../images/tagging/Dockerfile' has no FROM, so nothing is built of it"),
    ],
)
def test_no_dockerfile_is_one_sentence(tmp_path: Path, dockerfile: str | None, told: str) -> None:
    (found,) = lines(world(tmp_path, dockerfile=dockerfile))
    assert found.partition("build.dockerfile: ")[2] == f"{told} (model 'tagging')"


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("build: {context: ../images/tagging}", "build makes the image that image names, which is missing"),
        (
            f"image: example.com/a@{DIGEST}\n    build: {{context: ../images/tagging}}",
            "names one digest, and a build makes another; delete build, or write image: <repository>",
        ),
        (
            "image: toys/tagging\n    build: {context: ../images/tagging, build_args: {PIP_TOKEN: x}}",
            "build_args.PIP_TOKEN looks like a secret, and build arguments stay readable in the image",
        ),
    ],
)
def test_declarations_that_contradict_themselves(tmp_path: Path, declared: str, told: str) -> None:
    (found,) = lines(world(tmp_path, f"    {declared}\n"))
    assert told in found


def test_one_tag_is_built_one_way(tmp_path: Path) -> None:
    tagged = BUILD.replace("toys/tagging", "toys/tagging:1", 1)
    second = TOYS.partition("models:\n")[2].replace("tagging", "sorting", 1)
    other = tagged.replace("}", ", build_args: {A: '1'}}")
    (found,) = (line for line in lines(world(tmp_path, tagged + second + other)) if "otherwise" in line)
    assert found.partition("build: ")[2] == (
        "makes 'toys/tagging:1' otherwise than model 'tagging' does; write the same build in both, or another tag in "
        "image (model 'sorting')"
    )


@pytest.mark.parametrize(
    ("text", "arguments", "unpinned"),
    [
        ("FROM a:1\n", {}, ["a:1"]),
        (f"FROM a:1@{DIGEST}\n", {}, []),
        ("FROM scratch\n", {}, []),
        ("FROM a:1 AS base\nFROM base\nFROM base AS last\n", {}, ["a:1"]),
        ("FROM --platform=$BUILDPLATFORM a:1 as Base\nFROM BASE\n", {}, ["a:1"]),
        ("ARG VERSION=1\nFROM a:${VERSION}\n", {}, ["a:1"]),
        ("ARG VERSION=1\nFROM a:$VERSION\n", {"VERSION": "2"}, ["a:2"]),
        ("ARG BASE\nFROM $BASE\n", {}, []),
        ("ARG BASE\nFROM ${BASE:-b:3}\n", {}, ["b:3"]),
        ("# FROM no:1\nFROM \\\n  a:1\nRUN <<EOF\nFROM inside:1\nEOF\n", {}, ["a:1"]),
        ("# escape=`\nFROM `\n  a:1\n", {}, ["a:1"]),
    ],
)
def test_what_an_image_is_built_on(tmp_path: Path, text: str, arguments: dict[str, str], unpinned: list[str]) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(text)
    assert list(read_dockerfile(path).unpinned(arguments)) == unpinned


@pytest.mark.parametrize(
    ("ignored", "changed", "same"),
    [
        ("", "a/b.txt", False),
        ("a\n", "a/b.txt", True),
        ("a/*.txt\n", "a/b.txt", True),
        ("*.txt\n", "a/b.txt", False),
        ("**/*.txt\n", "a/b.txt", True),
        ("a\n!a/b.txt\n", "a/b.txt", False),
        ("a/?.txt\n", "a/b.txt", True),
        ("/a/\n", "a/b.txt", True),
        ("# a\n", "a/b.txt", False),
        ("a/[ab].txt\n", "a/b.txt", True),
    ],
)
def test_what_dockerignore_leaves_out_does_not_count(tmp_path: Path, ignored: str, changed: str, same: bool) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("1")
    (tmp_path / ".dockerignore").write_text(f"{ignored}.dockerignore\n")
    before = context_digest(tmp_path)
    (tmp_path / changed).write_text("2")
    assert (context_digest(tmp_path) == before) is same


def test_a_file_that_becomes_executable_is_another_image(tmp_path: Path) -> None:
    script = tmp_path / "start.sh"
    script.write_text("exec serve\n")
    before = context_digest(tmp_path)
    script.chmod(0o755)
    assert context_digest(tmp_path) != before


def test_own_rules_of_a_dockerfile_go_first(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("1")
    (tmp_path / ".dockerignore").write_text("*\n")
    dockerfile = tmp_path / "serve.Dockerfile"
    dockerfile.write_text("FROM scratch\n")
    of_all = context_digest(tmp_path, dockerfile)
    (tmp_path / "serve.Dockerfile.dockerignore").write_text("nothing\n")
    assert context_digest(tmp_path, dockerfile) != of_all


ARM = PLATFORM.replace("accelerator: L4", "accelerator: T4G").replace("[g6.2xlarge]", "[g5g.2xlarge]")
ARM = ARM.replace("[g6.2xlarge, g6.4xlarge]", "[g5g.2xlarge, g5g.4xlarge]")


@pytest.mark.parametrize(
    ("platforms", "lacks"),
    [
        ("", ["l4", "l4-spot"]),
        (", platforms: [linux/amd64]", ["l4", "l4-spot"]),
        (", platforms: [linux/arm64]", []),
        (", platforms: [linux/amd64, linux/arm64]", []),
    ],
)
def test_a_build_is_for_the_processors_of_its_pools(tmp_path: Path, platforms: str, lacks: list[str]) -> None:
    folder = world(tmp_path, BUILD.replace("tagging}", f"tagging{platforms}}}"))
    (folder / "platform.yaml").write_text(ARM)
    assert [each.partition("models[0].")[2] for each in lines(folder)] == [
        f"build.platforms: lacks linux/arm64, and the nodes of pool {pool!r} are arm64; add it (model 'tagging')"
        for pool in lacks
    ]


@pytest.mark.parametrize(("platform", "told"), [(ARM, 1), (PLATFORM, 0)])
def test_an_image_of_unknown_processors_is_told(tmp_path: Path, platform: str, told: int) -> None:
    folder = write(tmp_path, platform, TOYS + f"    image: registry.example.com/tagging@{DIGEST}\n")
    assert [each for each in resolved(folder).notices if "arm64" in each] == [
        "model 'tagging' runs on arm64 nodes, and a plan does not know for which processors its image is made; see "
        "that it has linux/arm64"
    ] * told
