"""The policy pack's verdicts on a recorded graph: the same rule objects that the engine runs, run as it runs them.

A resource policy sees a resource's inputs, in which an unknown value raises when it is read; a stack policy sees all
resources. Both see what secrets hold; no message shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from modelyard_policies.pack import policies as pack_policies
from modelyard_policies.resource_graph import ATOMS, from_graph, only, revealed
from modelyard_policies.rule import ResourceRule, StackRule
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from modelyard.graph import UNKNOWN, Resource, ResourceGraph, Secret

PACK: Final = "modelyard"
_PACK_VERSION: Final = "0.0.1"
_MASK: Final = "[secret]"
_SHORTEST_SECRET: Final = 3
_STACK_TYPE: Final = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One violation, or a note that a rule could not be run because a value is only known after ``up``."""

    policy: str
    level: str
    """advisory or mandatory."""
    urn: str
    """Of the resource; of the stack where the whole stack is meant."""
    message: str
    description: str
    """What the policy asks for."""
    undecided: bool = field(default=False, compare=False)
    """The rule could not be run: a value that it reads is known only after ``up``."""


class PolicyFailed(Exception):
    """A policy raised: its configuration is wrong, or it has a bug. The message names policy, resource and reason."""


def run_policies(
    graph: ResourceGraph,
    config: Mapping[str, Any] | None = None,
    *,
    policies: Iterable[Policy] | None = None,
) -> list[Verdict]:
    """Run the pack, or the given policies, on one stack's graph.

    ``config`` is the content of a ``--policy-pack-config`` file; ``modelyard_policies.config.for_environment`` makes
    one. Verdicts come in the order of the graph, those on the stack last.

    Raises:
        PolicyFailed: a policy raised.
    """
    settings = _Settings(config or {})
    enabled = [
        policy
        for policy in (pack_policies() if policies is None else policies)
        if settings.level(policy) != EnforcementLevel.DISABLED
    ]
    run = _Run(graph, settings)
    run.resources([policy for policy in enabled if isinstance(policy, ResourceValidationPolicy)])
    run.stack([policy for policy in enabled if isinstance(policy, StackValidationPolicy)])
    return _masked(run.verdicts, graph)


class _Settings:
    """Level and properties of each policy, out of a configuration file's forms."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._levels: dict[str, str] = {}
        self._properties: dict[str, dict[str, Any]] = {}
        for name, value in config.items():
            if isinstance(value, str):
                self._levels[name] = value
                continue
            if "enforcementLevel" in value:
                self._levels[name] = value["enforcementLevel"]
            self._properties[name] = {key: each for key, each in value.items() if key != "enforcementLevel"}

    def level(self, policy: Policy) -> EnforcementLevel:
        given = self._levels.get(policy.name, self._levels.get("all"))
        if given is not None:
            return EnforcementLevel(given)
        return policy.enforcement_level or EnforcementLevel.ADVISORY

    def properties(self, policy: Policy) -> dict[str, Any]:
        return dict(self._properties.get(policy.name, {}))


class _Run:
    """One pass of the policies over a graph."""

    def __init__(self, graph: ResourceGraph, settings: _Settings) -> None:
        self.verdicts: list[Verdict] = []
        self._graph = graph
        self._settings = settings
        self._providers: dict[str, PolicyProviderResource | None] = {}

    def resources(self, policies: Sequence[ResourceValidationPolicy]) -> None:
        by_type: dict[str, list[ResourceValidationPolicy]] = {}
        properties = {policy.name: self._settings.properties(policy) for policy in policies}
        for resource in self._graph:
            looking = by_type.get(resource.type)
            if looking is None:
                looking = by_type[resource.type] = [each for each in policies if _looks_at(each, resource.type)]
            if not looking:
                continue
            props = _proxied(resource.inputs)
            options = _options(resource)
            for policy in looking:
                args = ResourceValidationArgs(
                    resource.type,
                    props,
                    resource.urn,
                    resource.name,
                    options,
                    self._provider(resource.provider),
                    properties[policy.name],
                )
                validate = policy.validate_inputs if isinstance(policy, ResourceRule) else policy.validate
                self._run(policy, resource.urn, lambda report, v=validate, a=args: v(a, report))

    def stack(self, policies: Sequence[StackValidationPolicy]) -> None:
        roots = self._graph.of_type(_STACK_TYPE)
        urn = roots[0].urn if roots else ""
        graph = from_graph(self._graph)
        shown: list[PolicyResource] = []
        for policy in policies:
            properties = self._settings.properties(policy)
            if isinstance(policy, StackRule):
                part = only(graph, policy.types)
                self._run(policy, urn, lambda report, p=policy, g=part, c=properties: p.validate_graph(g, c, report))
            else:
                shown = shown or policy_resources(self._graph)
                args = StackValidationArgs(shown, properties)
                self._run(policy, urn, lambda report, p=policy, a=args: p.validate(a, report))

    def _run(self, policy: Policy, default_urn: str, validate: Callable[[ReportViolation], Any]) -> None:
        level = self._settings.level(policy)
        if level == EnforcementLevel.REMEDIATE:
            level = EnforcementLevel.MANDATORY

        def report(message: str, urn: str | None = None) -> None:
            found = default_urn if isinstance(policy, ResourceValidationPolicy) else urn or default_urn
            self.verdicts.append(Verdict(policy.name, level.value, found, message, policy.description))

        try:
            validate(report)
        except UnknownValueError as unknown:
            note = (
                f"can't run policy '{policy.name}' from policy pack '{PACK}@v{_PACK_VERSION}' during preview: "
                f"{unknown.message}"
            )
            advisory = EnforcementLevel.ADVISORY.value
            self.verdicts.append(Verdict(policy.name, advisory, default_urn, note, policy.description, True))
        except Exception as error:
            reason = _masked_text(f"{type(error).__name__}: {error}", _secrets(self._graph))
            raise PolicyFailed(f"policy '{policy.name}' could not be run on {default_urn}: {reason}") from None

    def _provider(self, urn: str | None) -> PolicyProviderResource | None:
        if urn is None:
            return None
        if urn not in self._providers:
            self._providers[urn] = _provider_resource(self._graph.get(urn))
        return self._providers[urn]


def policy_resources(graph: ResourceGraph) -> list[PolicyResource]:
    """The graph as the engine shows it to a stack policy."""
    shown = {
        resource.urn: PolicyResource(
            resource.type,
            _proxied(resource.outputs or resource.inputs),
            resource.urn,
            resource.name,
            _options(resource),
            _provider_resource(graph.get(resource.provider)),
            None,
            [],
            {},
        )
        for resource in graph
    }
    for resource in graph:
        each = shown[resource.urn]
        each.parent = shown.get(resource.parent) if resource.parent else None
        each.dependencies = [shown[urn] for urn in resource.dependencies if urn in shown]
        sources = resource.property_dependencies
        each.property_dependencies = {
            key: [shown[urn] for urn in sources.get(key, ()) if urn in shown] for key in resource.inputs
        }
    return list(shown.values())


def _looks_at(policy: ResourceValidationPolicy, resource_type: str) -> bool:
    if isinstance(policy, ResourceRule):
        return resource_type in policy.types
    return policy.has_validation()


def _proxied(inputs: Mapping[str, Any]) -> Any:
    return unknown_checking_proxy({key: _engine_value(value) for key, value in inputs.items()})


def _engine_value(value: Any) -> Any:
    """The engine sends every unknown as a text and no mark of a secret."""
    if type(value) in ATOMS:
        return value
    if value is UNKNOWN:
        return UNKNOWN_STRING_VALUE
    if isinstance(value, Secret):
        return _engine_value(value.reveal())
    if isinstance(value, Mapping):
        return {key: _engine_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_engine_value(item) for item in value]
    return value


def _provider_resource(provider: Resource | None) -> PolicyProviderResource | None:
    if provider is None:
        return None
    return PolicyProviderResource(provider.type, _proxied(provider.inputs), provider.urn, provider.name)


def _options(resource: Resource) -> PolicyResourceOptions:
    timeouts = PolicyCustomTimeouts(0, 0, 0)
    ignored = list(resource.ignore_changes)
    return PolicyResourceOptions(resource.protect, ignored, None, [], timeouts, [], resource.parent)


def _masked(verdicts: list[Verdict], graph: ResourceGraph) -> list[Verdict]:
    """The verdicts without any text that a secret of the graph holds."""
    if not verdicts:
        return verdicts
    everything = "\n".join(verdict.message for verdict in verdicts)
    shown = [secret for secret in _secrets(graph) if secret in everything]
    if not shown:
        return verdicts
    return [replace(each, message=_masked_text(each.message, shown)) for each in verdicts]


def _masked_text(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, _MASK)
    return text


def _secrets(graph: ResourceGraph) -> list[str]:
    """Texts and numbers in secret inputs, longest first."""
    found: set[str] = set()
    for resource in graph:
        for value in resource.inputs.values():
            _collect(value, found, secret=False)
    return sorted(found, key=lambda each: (-len(each), each))


def _collect(value: Any, found: set[str], *, secret: bool) -> None:
    if not secret and type(value) in ATOMS:
        return
    if isinstance(value, Secret):
        _collect(revealed(value), found, secret=True)
    elif isinstance(value, Mapping):
        for item in value.values():
            _collect(item, found, secret=secret)
    elif isinstance(value, list | tuple):
        for item in value:
            _collect(item, found, secret=secret)
    elif secret and isinstance(value, str | int | float) and not isinstance(value, bool):
        text = str(value)
        if len(text) >= _SHORTEST_SECRET:
            found.add(text)
