"""What a run gives: the graph, the outputs, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pulumi
import pytest
from modelyard.graph import UNKNOWN
from modelyard.offline import ProgramFailed
from pulumi.runtime import settings

from .programs import BUCKET, CONFIG, REPOSITORY, Group, output, provider, repository, resource, run_program, urn


def shop() -> None:
    images = repository("images", tags={"department": "shop"})
    pulumi.export("url", output(images, "repositoryUrl"))
    pulumi.export("name", "shop")
    pulumi.export("nested", {"id": images.id, "list": [1, 2.5, True, None]})


def test_a_preview_knows_inputs_and_nothing_that_the_cloud_computes() -> None:
    run = run_program(shop)
    assert [(r.urn, r.custom) for r in run.graph] == [
        (urn("pulumi:pulumi:Stack", "shop-dev"), False),
        (urn("pulumi:providers:aws", "default"), True),
        (urn(REPOSITORY, "images"), True),
    ]
    images = run.graph.resources[-1]
    assert images.inputs == {
        "name": "images-67e44d7",
        "tags": {"department": "shop"},
        "tagsAll": {"department": "shop"},
    }
    assert images.outputs["repositoryUrl"] is UNKNOWN
    assert images.outputs["region"] == "us-east-1"
    assert images.parent == urn("pulumi:pulumi:Stack", "shop-dev")
    assert images.provider == urn("pulumi:providers:aws", "default")
    assert images.stack == "dev"
    assert run.outputs == {"url": UNKNOWN, "name": "shop", "nested": {"id": UNKNOWN, "list": [1, 2.5, True, None]}}


def test_an_up_gives_the_same_made_up_values_every_time() -> None:
    first, second = run_program(shop, mode="up"), run_program(shop, mode="up")
    assert first.outputs == second.outputs
    assert first.outputs["url"] == "123456789012.dkr.ecr.us-east-1.amazonaws.com/images-67e44d7"
    assert first.outputs["nested"]["id"] == "images-67e44d7"
    assert first.graph.resources == second.graph.resources


def test_urns_chain_the_types_of_parents() -> None:
    def program() -> None:
        outer = Group("outer")
        inner = Group("inner", pulumi.ResourceOptions(parent=outer))
        made = repository("images", pulumi.ResourceOptions(parent=inner))
        repository("a::b", pulumi.ResourceOptions(parent=made))

    assert [r.urn for r in run_program(program).graph if r.type != "pulumi:providers:aws"] == [
        urn("pulumi:pulumi:Stack", "shop-dev"),
        urn("test:index:Group", "outer"),
        urn("test:index:Group$test:index:Group", "inner"),
        urn(f"test:index:Group$test:index:Group${REPOSITORY}", "images"),
        urn(f"test:index:Group$test:index:Group${REPOSITORY}${REPOSITORY}", "a::b"),
    ]


def test_dependencies_say_which_property_came_from_where() -> None:
    def program() -> None:
        group = Group("group")
        key = resource("aws:kms/key:Key", "key", pulumi.ResourceOptions(parent=group))
        images = repository(
            "images", encryptionConfigurations=[{"encryptionType": "KMS", "kmsKey": output(key, "arn")}]
        )
        repository("later", pulumi.ResourceOptions(depends_on=[group, images]))

    key = urn("test:index:Group$aws:kms/key:Key", "key")
    graph = run_program(program).graph
    images, later = graph.of_type(REPOSITORY)
    assert images.dependencies == (key,)
    assert images.property_dependencies == {"encryptionConfigurations": (key,)}
    assert images.inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": UNKNOWN}]
    assert later.dependencies == (images.urn, key)
    assert later.property_dependencies == {}


def test_providers_come_from_options_components_and_parents() -> None:
    def program() -> None:
        west = provider("west", region="us-west-2", defaultTags='{"tags": {"team": "ml"}}')
        by_list = Group("by-list", pulumi.ResourceOptions(providers=[west]))
        by_name = Group("by-name", pulumi.ResourceOptions(providers={"aws": west}))
        nested = Group("nested", pulumi.ResourceOptions(parent=by_name))
        repository("direct", pulumi.ResourceOptions(provider=west))
        repository("listed", pulumi.ResourceOptions(parent=by_list))
        repository("named", pulumi.ResourceOptions(parent=nested), tags={"a": "b"})
        repository("default")

    graph = run_program(program, mode="up").graph
    west, default = urn("pulumi:providers:aws", "west"), urn("pulumi:providers:aws", "default")
    used = {r.name: (r.provider, r.outputs["region"]) for r in graph.of_type(REPOSITORY)}
    assert used == {
        "direct": (west, "us-west-2"),
        "listed": (west, "us-west-2"),
        "named": (west, "us-west-2"),
        "default": (default, "us-east-1"),
    }
    (named,) = [r for r in graph if r.name == "named"]
    assert named.inputs["tagsAll"] == {"team": "ml", "a": "b"}


def test_options_are_kept_and_inherited() -> None:
    def program() -> None:
        kept = Group("kept", pulumi.ResourceOptions(protect=True))
        bucket = resource(BUCKET, "bucket", pulumi.ResourceOptions(parent=kept, ignore_changes=["tags"]))
        repository(
            "images",
            pulumi.ResourceOptions(
                deleted_with=bucket,
                retain_on_delete=True,
                replace_on_changes=["name"],
                aliases=[pulumi.Alias(name="old")],
            ),
        )

    run = run_program(program)
    (bucket,), (images,) = run.graph.of_type(BUCKET), run.graph.of_type(REPOSITORY)
    assert (bucket.protect, bucket.ignore_changes) == (True, ("tags",))
    assert images.protect is False
    options = run.options[images.urn]
    assert options.deleted_with == bucket.urn
    assert options.retain_on_delete is True
    assert options.replace_on_changes == ("name",)
    assert options.aliases == ("name=old",)


def test_transforms_run_own_first_then_parents_then_the_stacks() -> None:
    def adding(word: str) -> pulumi.ResourceTransform:
        def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
            if args.type_ != REPOSITORY:
                return None
            tags: Any = args.props.get("tags") or {}
            tags = {**tags, "order": tags.get("order", "") + word}
            return pulumi.ResourceTransformResult({**args.props, "tags": tags}, args.opts)

        return transform

    async def protecting(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        await asyncio.sleep(0)
        args.opts.protect = True
        return pulumi.ResourceTransformResult(args.props, args.opts)

    def program() -> None:
        pulumi.runtime.register_resource_transform(adding("stack"))
        group = Group("group", pulumi.ResourceOptions(transforms=[adding("parent-")]))
        options = pulumi.ResourceOptions(parent=group, transforms=[adding("own-"), protecting])
        repository("images", options)

    (images,) = run_program(program).graph.of_type(REPOSITORY)
    assert images.inputs["tags"] == {"order": "own-parent-stack"}
    assert images.protect is True


def test_functions_may_be_transformed() -> None:
    def elsewhere(args: pulumi.InvokeTransformArgs) -> pulumi.InvokeTransformResult:
        return pulumi.InvokeTransformResult({**args.args, "region": "eu-west-1"}, args.opts)

    def program() -> None:
        pulumi.runtime.register_invoke_transform(elsewhere)
        token = "aws:index/getAvailabilityZones:getAvailabilityZones"
        pulumi.export("plain", pulumi.runtime.invoke(token, {}).value["names"][0])
        pulumi.export("output", pulumi.runtime.invoke_output(token, {})["names"][1])

    assert run_program(program).outputs == {"plain": "eu-west-1a", "output": "eu-west-1b"}


def test_a_function_waits_for_what_it_depends_on() -> None:
    def program() -> None:
        images = repository("images")
        token = "aws:iam/getPolicyDocument:getPolicyDocument"
        statement = {"actions": ["ecr:*"], "resources": [output(images, "arn")]}
        pulumi.export("late", pulumi.runtime.invoke_output(token, {"statements": [statement]}))

    assert run_program(program).outputs["late"] is UNKNOWN
    assert "repository/images-67e44d7" in run_program(program, mode="up").outputs["late"]["json"]


def test_a_resource_that_exists_is_read_and_marked() -> None:
    def program() -> None:
        vpc = pulumi.CustomResource(
            "aws:ec2/vpc:Vpc", "existing", {"cidrBlock": None}, pulumi.ResourceOptions(id="vpc-1")
        )
        pulumi.export("id", vpc.id)
        pulumi.export("cidr", vpc.__dict__["cidrBlock"])

    run = run_program(program)
    assert run.outputs == {"id": "vpc-1", "cidr": UNKNOWN}
    assert run.options[urn("aws:ec2/vpc:Vpc", "existing")].external is True


def test_progress_counts_every_resource() -> None:
    seen: list[tuple[int, str]] = []
    run_program(shop, on_progress=lambda count, made: seen.append((count, made.name)))
    assert seen == [(1, "shop-dev"), (2, "default"), (3, "images")]


def test_nothing_outlives_a_run(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import wares\nwares.declare()\n", encoding="utf-8")
    (tmp_path / "wares.py").write_text(
        "import os, pulumi\ndef declare():\n    pulumi.export('cwd', os.getcwd())\n", encoding="utf-8"
    )
    before = (
        os.getcwd(),
        list(sys.path),
        sys.argv,
        threading.active_count(),
        settings.get_project(),
        settings.get_root_resource(),
        gc.get_threshold(),
    )
    assert run_program(tmp_path).outputs == {"cwd": str(tmp_path)}
    after = (
        os.getcwd(),
        list(sys.path),
        sys.argv,
        threading.active_count(),
        settings.get_project(),
        settings.get_root_resource(),
        gc.get_threshold(),
    )
    assert before == after
    assert "wares" not in sys.modules
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_two_programs_may_have_modules_of_one_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__main__.py").write_text(
            "import pulumi\nfrom part import NAME\npulumi.export('name', NAME)\n", encoding="utf-8"
        )
        (tmp_path / name / "part.py").write_text(f"NAME = {name!r}\n", encoding="utf-8")
    assert [run_program(tmp_path / name).outputs["name"] for name in ("one", "two")] == ["one", "two"]


def test_a_run_inside_a_running_loop_has_a_loop_of_its_own() -> None:
    async def outside() -> object:
        return run_program(shop).outputs["name"]

    assert asyncio.run(outside()) == "shop"
    assert [thread.name for thread in threading.enumerate() if thread.name == "modelyard-offline"] == []


def test_an_asynchronous_program_and_its_threads_work() -> None:
    async def main() -> dict[str, object]:
        return {"answer": await asyncio.to_thread(lambda: 42)}

    assert run_program(lambda: pulumi.run(main)).outputs == {"answer": 42}


@pytest.mark.parametrize("mode", ["preview", "up"])
def test_a_hundred_components_deep_is_fine(mode: str) -> None:
    def program() -> None:
        parent = None
        for level in range(100):
            parent = Group(f"level-{level}", pulumi.ResourceOptions(parent=parent))
        repository("images", pulumi.ResourceOptions(parent=parent))

    assert len(run_program(program, mode=mode).graph) == 103


def test_the_programs_own_error_is_the_cause_and_its_frames_are_the_programs(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("def broken():\n    raise KeyError('gone')\nbroken()\n", encoding="utf-8")
    with pytest.raises(ProgramFailed) as failed:
        run_program(tmp_path)
    assert str(failed.value) == "the program failed: KeyError: 'gone'"
    cause = failed.value.__cause__
    assert isinstance(cause, KeyError)
    frames = []
    trace = cause.__traceback__
    while trace is not None:
        frames.append((Path(trace.tb_frame.f_code.co_filename).name, trace.tb_frame.f_code.co_name))
        trace = trace.tb_next
    assert frames == [("__main__.py", "<module>"), ("__main__.py", "broken")]


def test_an_error_for_the_user_is_its_text_alone() -> None:
    def program() -> None:
        raise pulumi.RunError("prod/platform.yaml: pools: missing")

    with pytest.raises(ProgramFailed) as failed:
        run_program(program)
    assert str(failed.value) == "prod/platform.yaml: pools: missing"


@pytest.mark.parametrize(
    ("files", "path", "message"),
    [
        ({}, "", "{}: no __main__.py in this folder; a Pulumi program needs one"),
        ({}, "program.py", "{}: no such Pulumi program; give a folder with __main__.py or a file"),
    ],
)
def test_a_program_that_is_not_there(tmp_path: Path, files: dict[str, str], path: str, message: str) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        run_program(tmp_path / path)
    assert str(missing.value) == message.format(tmp_path / path)


def test_configuration_reaches_the_program() -> None:
    def program() -> None:
        config = pulumi.Config()
        pulumi.export("size", config.require_int("size"))
        pulumi.export("tags", config.require_object("tags"))
        pulumi.export("missing", config.get("missing"))
        pulumi.export("where", f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")

    config = {**CONFIG, "shop:size": "3", "shop:tags": '{"a":"b"}'}
    assert run_program(program, config=config, organization="acme").outputs == {
        "size": 3,
        "tags": {"a": "b"},
        "where": "acme/shop/dev",
    }


def test_another_sdk_than_the_checks_know_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_program(lambda: None).diagnostics == []
    metadata = tmp_path / "pulumi_aws-0.0.1.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: pulumi-aws\nVersion: 0.0.1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (told,) = run_program(lambda: None).diagnostics
    assert (told.severity, told.urn) == ("warning", None)
    assert told.message.startswith("pulumi-aws 0.0.1 is installed, ")
    assert told.message.endswith("input checks may be out of date: run python -m modelyard.offline.schemas.build")
