"""A rule: a Pulumi policy that says which types it looks at and yields its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from modelyard.graph import ResourceGraph
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from modelyard_policies.judged_pods import judged_pods
from modelyard_policies.levels import level
from modelyard_policies.pods import RUNTIMES, WORKLOADS
from modelyard_policies.resource_graph import Observed, from_stack
from modelyard_policies.resource_types import ResourceTypes

Settings = Mapping[str, Mapping[str, Any]]
"""Name of a setting to its JSON Schema."""


class Finding(NamedTuple):
    """What is wrong, and with which resource; without a URN with the stack as a whole."""

    urn: str | None
    message: str


class ResourceRule(ResourceValidationPolicy):
    """A rule on one resource's inputs. ``check`` yields a sentence for each thing that is wrong.

    Reading an input that only the cloud knows raises pulumi_policy's ``UnknownValueError``: the engine, and the
    offline run like it, then note that the rule could not be run on that resource.
    """

    def __init__(
        self,
        name: str,
        description: str,
        *,
        types: ResourceTypes,
        check: Callable[[ResourceValidationArgs], Iterator[str]],
        settings: Settings | None = None,
    ) -> None:
        super().__init__(name, description, enforcement_level=_default_level(name), config_schema=_schema(settings))
        self.types = types
        self.observed: Observed = {}
        """Shared by the rules of a pack."""
        self._check = check

    def validate(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        self.observed[args.urn] = args.props
        if args.resource_type in self.types:
            self.validate_inputs(args, report_violation)

    def validate_inputs(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        """What ``validate`` does for the types that the rule looks at, remembering nothing."""
        for message in self._check(args):
            report_violation(message, None)


class PodRule(ResourceRule):
    """A rule on pods, whoever makes them: ``check`` yields a sentence for each thing that is wrong with one kind of
    pods. An InferenceService's are judged with the ServingRuntime that was seen before it.

    ``besides`` looks at resources that are no pods.
    """

    def __init__(
        self,
        name: str,
        description: str,
        *,
        check: Callable[[ResourceValidationArgs, Any], Iterator[str]],
        besides: tuple[ResourceTypes, Callable[[ResourceValidationArgs], Iterator[str]]] | None = None,
        settings: Settings | None = None,
    ) -> None:
        types = WORKLOADS | RUNTIMES
        others, other_check = besides or (None, _nothing)
        super().__init__(
            name, description, types=types | others if others else types, check=other_check, settings=settings
        )
        self._check_pods = check
        self._pods = types

    def validate_inputs(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        """A template with parts that this program does not hold is judged by what it holds; reading another part raises
        ``UnknownValueError``, as every unknown value does."""
        if args.resource_type in RUNTIMES:
            self.observed[args.urn] = args.props
        elif args.resource_type not in self._pods:
            super().validate_inputs(args, report_violation)
        else:
            for pods in judged_pods(args, self.observed):
                for message in self._check_pods(args, pods.template):
                    report_violation(f"{pods.label}{message}", None)


def _nothing(_: ResourceValidationArgs) -> Iterator[str]:
    return iter(())


class StackRule(StackValidationPolicy):
    """A rule on resources together. ``check`` gets those of the declared types, and every provider, as a resource
    graph sorted by URN, with secrets revealed: a finding never quotes a value that could be one."""

    def __init__(
        self,
        name: str,
        description: str,
        *,
        types: ResourceTypes,
        check: Callable[[ResourceGraph, Mapping[str, Any]], Iterator[Finding]],
        settings: Settings | None = None,
    ) -> None:
        super().__init__(name, description, enforcement_level=_default_level(name), config_schema=_schema(settings))
        self.types = types | ResourceTypes("pulumi:providers:*")
        self.observed: Observed = {}
        """Shared by the rules of a pack."""
        self._check = check

    def validate(self, args: StackValidationArgs, report_violation: ReportViolation) -> None:
        graph = from_stack(args.resources, self.types, self.observed)
        self.validate_graph(graph, args.get_config(), report_violation)

    def validate_graph(
        self, graph: ResourceGraph, config: Mapping[str, Any], report_violation: ReportViolation
    ) -> None:
        """What ``validate`` does after its conversion; the offline run converts once for all rules."""
        for finding in self._check(graph, config):
            report_violation(finding.message, finding.urn)


def _default_level(name: str) -> EnforcementLevel:
    return EnforcementLevel(level(name, "prod"))


def _schema(settings: Settings | None) -> PolicyConfigSchema | None:
    return PolicyConfigSchema({key: dict(schema) for key, schema in settings.items()}) if settings else None
