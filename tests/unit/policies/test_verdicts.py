"""The offline run of policies: it shows them what the engine shows, and tells what they say."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource, ResourceGraph, Secret
from modelyard.review.verdicts import PolicyFailed, Verdict, policy_resources, run_policies
from modelyard_policies.config import for_environment
from modelyard_policies.resource_graph import from_graph, from_stack
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import ResourceRule
from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from .recorded import AWS, STACK, container, deployment, graph, resource, urn, verdicts

REPO = Path(__file__).resolve().parents[3]
BUCKET = "aws:s3/bucket:Bucket"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TEMPLATE_URN = urn(TEMPLATE, "it")


@pytest.mark.parametrize(
    "secret",
    [
        Secret("registry.example.com/hush/hush:1"),
        Secret({"deep": ["registry.example.com/hush/hush:1"]}),
        [Secret(Secret("registry.example.com/hush/hush:1"))],
    ],
)
def test_no_message_shows_what_a_secret_holds(secret: Any) -> None:
    keeper = resource("kubernetes:core/v1:Secret", {"stringData": secret}, "keeper")
    shown = deployment(pod={"containers": [container(image="registry.example.com/hush/hush:1")]})
    (found,) = verdicts("image-pinned", graph(keeper, shown))
    assert found.message == (
        "container 'triton' runs '[secret]', whose tag can be moved to other contents; name the image by digest "
        "(@sha256:...), or by a tag of a repository with immutable tags."
    )


def test_a_policy_sees_what_a_secret_holds() -> None:
    good = resource(TEMPLATE, {"metadataOptions": Secret({"httpTokens": "required"})})
    assert verdicts("imds-v2", graph(good)) == []


@pytest.mark.parametrize(
    ("config", "level"),
    [
        ({}, "mandatory"),
        ({"imds-v2": "advisory"}, "advisory"),
        ({"imds-v2": {"enforcementLevel": "advisory"}}, "advisory"),
        ({"imds-v2": "remediate"}, "mandatory"),
        ({"all": "advisory"}, "advisory"),
        ({"all": "disabled", "imds-v2": "mandatory"}, "mandatory"),
        ({"all": "mandatory", "imds-v2": "disabled"}, None),
        (for_environment("dev"), "advisory"),
    ],
)
def test_levels_come_from_the_configuration(config: dict[str, Any], level: str | None) -> None:
    found = run_policies(graph(resource(TEMPLATE, {})), config)
    assert {verdict.level for verdict in found if verdict.policy == "imds-v2"} == ({level} if level else set())


def test_verdicts_come_in_the_order_of_the_graph_and_those_on_the_stack_last() -> None:
    bucket, template = resource(BUCKET, {}, "b"), resource(TEMPLATE, {}, "a")
    found = run_policies(graph(bucket, template))
    assert [verdict.policy for verdict in found] == [
        "department-tag",
        "ownership-tags",
        *["department-tag"] * 4,
        "ownership-tags",
        *["ownership-tags"] * 3,
        "volumes-encrypted",
        "imds-v2",
        *["bucket-encrypted-versioned-private"] * 3,
    ]
    assert found == run_policies(graph(bucket, template))


def test_a_rule_is_called_for_its_own_types_only_and_sees_one_proxy() -> None:
    calls: list[tuple[str, int]] = []

    def check(args: ResourceValidationArgs) -> Any:
        calls.append((args.name, id(args.props)))
        return iter(())

    rules = [ResourceRule("imds-v2", "x", types=ResourceTypes(TEMPLATE), check=check) for _ in range(2)]
    recorded = graph(resource(TEMPLATE, {}), *(resource(BUCKET, {}, f"b{n}") for n in range(50)))
    assert run_policies(recorded, policies=rules) == []
    assert len(calls) == 2
    assert len(set(calls)) == 1


def own_policies(seen: list[Any]) -> list[Any]:
    def of_resource(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.name == "child":
            provider = args.provider
            seen.append((args.resource_type, provider.urn if provider else None, args.opts.protect, args.opts.parent))
            seen.append(dict(args.get_config()))
            report(f"x is {args.props['x']}", "ignored")

    def of_stack(args: StackValidationArgs, report: ReportViolation) -> None:
        child = next(each for each in args.resources if each.name == "child")
        seen.append((child.parent.urn if child.parent else None, [each.name for each in child.dependencies]))
        seen.append({key: [each.name for each in found] for key, found in child.property_dependencies.items()})
        report("one", child.urn)
        report("whole", None)

    return [
        ResourceValidationPolicy("own-resource", "Own.", of_resource, EnforcementLevel.MANDATORY),
        StackValidationPolicy("own-stack", "Own of the stack.", of_stack),
    ]


def test_policies_of_a_users_own_run_like_the_packs() -> None:
    seen: list[Any] = []
    source = resource(BUCKET, {"a": 1}, "source")
    child = resource("own:index:Thing", {"x": 3, "y": UNKNOWN}, "child", sources={"y": (source.urn,)})
    child.protect = True
    config = {"own-resource": {"enforcementLevel": "advisory", "n": 1}}
    found = run_policies(graph(source, child), config, policies=own_policies(seen))
    assert seen == [
        ("own:index:Thing", AWS, True, STACK),
        {"n": 1},
        (STACK, ["source"]),
        {"x": [], "y": ["source"]},
    ]
    assert found == [
        Verdict("own-resource", "advisory", child.urn, "x is 3", "Own."),
        Verdict("own-stack", "advisory", child.urn, "one", "Own of the stack."),
        Verdict("own-stack", "advisory", STACK, "whole", "Own of the stack."),
    ]


def test_a_policy_that_raises_is_named_and_shows_no_secret() -> None:
    def fail(args: ResourceValidationArgs, _: ReportViolation) -> None:
        if args.resource_type == BUCKET:
            raise ValueError(f"bad {args.props['key']}")

    policy = ResourceValidationPolicy("own", "Own.", fail)
    with pytest.raises(PolicyFailed) as failed:
        run_policies(graph(resource(BUCKET, {"key": Secret("hunter2")})), policies=[policy])
    assert str(failed.value) == f"policy 'own' could not be run on {urn(BUCKET, 'it')}: ValueError: bad [secret]"
    assert failed.value.__suppress_context__


def test_a_wrong_assumption_is_told() -> None:
    config = for_environment("prod", None, {"merchandising": 1}, {"nat_gb": 3})
    with pytest.raises(PolicyFailed, match=r"policy 'budget' could not be run on .*assumptions\.nat_gb: no assumption"):
        run_policies(graph(), config)


@pytest.mark.parametrize("seed", range(25))
def test_the_engines_resources_become_the_graph_that_was_recorded(seed: int) -> None:
    chance = random.Random(seed)
    recorded = graph(*(_random_resource(chance, number) for number in range(20)))
    expected = list(from_graph(recorded))
    assert list(from_stack(policy_resources(recorded))) == expected


def test_inputs_that_resource_rules_saw_stand_in_for_outputs_that_are_not_there() -> None:
    known = deployment()
    shown = policy_resources(graph(known))
    for each in shown:
        each.props = unknown_checking_proxy({})
    found = from_stack(shown, ResourceTypes("*:Deployment"), {known.urn: unknown_checking_proxy(known.inputs)})
    assert [each.inputs for each in found] == [known.inputs]


def test_an_output_yet_to_come_is_no_input() -> None:
    bucket = resource(BUCKET, {"given": UNKNOWN}, outputs={"given": UNKNOWN, "arn": UNKNOWN, "region": "us-east-1"})
    (found,) = from_stack(policy_resources(graph(bucket)), ResourceTypes(BUCKET))
    assert found.inputs == {"given": UNKNOWN, "region": "us-east-1"}


def test_the_engines_floats_and_notes_do_not_reach_a_rule() -> None:
    inputs = {"__defaults": ["a"], "size": 3.0, "share": 0.5, "nested": [{"__internal": {}, "count": 2.0}]}
    shown = policy_resources(graph(resource(BUCKET, {})))
    observed = {urn(BUCKET, "it"): unknown_checking_proxy(inputs)}
    (found,) = from_stack(shown, ResourceTypes(BUCKET), observed)
    assert found.inputs == {"size": 3, "share": 0.5, "nested": [{"count": 2}]}
    assert type(found.inputs["size"]) is int


def test_unknown_values_look_to_a_policy_as_the_engine_sends_them() -> None:
    seen: list[str] = []

    def look(args: ResourceValidationArgs, _: ReportViolation) -> None:
        if args.resource_type == BUCKET:
            seen.append(args.props["list"]["__target"][0])

    inputs = {"list": [Secret(UNKNOWN)]}
    run_policies(graph(resource(BUCKET, inputs)), policies=[ResourceValidationPolicy("own", "Own.", look)])
    assert seen == [UNKNOWN_STRING_VALUE]


def test_the_pack_loads_no_cloud_sdk_and_no_pydantic() -> None:
    program = (
        "import sys, modelyard_policies.pack; "
        "print(sorted(m for m in sys.modules if m in ('pulumi_aws', 'pulumi_kubernetes', 'pydantic', 'rich')))"
    )
    paths = [str(REPO / "components"), str(REPO / "policies")]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}; {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_pack_starts_where_only_its_requirements_are() -> None:
    """Started as a folder, without the tests' own import path; it prints the port on which it listens."""
    process = subprocess.Popen([sys.executable, "-u", "-E", str(REPO / "policies")], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _random_resource(chance: random.Random, number: int) -> Resource:
    inputs = {f"k{key}": _random_value(chance, 3) for key in range(chance.randrange(5))}
    sources = {key: (AWS,) for key in inputs if chance.random() < 0.4}
    return resource(chance.choice([BUCKET, TEMPLATE, "kubernetes:core/v1:Pod"]), inputs, f"r{number}", sources=sources)


def _random_value(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(9 if depth else 6)
    match kind:
        case 0:
            return UNKNOWN
        case 1:
            return Secret(_random_value(chance, depth - 1) if depth else "s")
        case 6:
            return [_random_value(chance, depth - 1) for _ in range(chance.randrange(3))]
        case 7 | 8:
            return {f"k{key}": _random_value(chance, depth - 1) for key in range(chance.randrange(3))}
        case _:
            return chance.choice(["text", 3, 0.25, True, None, ""])


def test_a_graph_without_a_stack_resource_can_be_judged() -> None:
    config = {"budget": {"budgets": {"merchandising": "1"}}}
    assert run_policies(ResourceGraph([]), config) == []
