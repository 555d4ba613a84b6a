"""From an environment's folder to its plan document: load, resolve, run each layer, check, price, place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..environment.problem import InvalidEnvironment
from ..graph import ResourceGraph, Secret
from .budget_notices import budget_notices
from .cluster_lines import cluster_lines
from .cold_starts import cold_start_notices, streaming_notices
from .cost_assumptions import cost_assumptions
from .endpoint_lines import endpoint_notices
from .layers import Layer, layers
from .model_lines import model_lines, model_repositories
from .plan import BUDGET_POLICY, BudgetLine, Outcome, PlanDocument, StackPlan
from .policy_config import policy_config
from .pool_lines import pool_lines
from .reading_order import in_reading_order
from .refused import PlanRefused
from .version import version

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..environment.environment import Environment
    from ..offline import Run
    from ..offline.simulated import Providers
    from ..resolve.resolved import Resolution
    from .earlier_plan import EarlierPlan

Progress = Callable[[str, int], None]
"""Called with a stack's name and how many resources it has registered so far."""


def plan(
    environment_folder: Path,
    stacks_dir: Path,
    *,
    known_outputs: Mapping[str, Mapping[str, Any]] | None = None,
    on_progress: Progress | None = None,
    providers: Providers | None = None,
    earlier: EarlierPlan | None = None,
) -> PlanDocument:
    """Plan every layer of the environment in ``environment_folder`` as one document.

    ``stacks_dir`` holds the stack files; the program is the one that ``Pulumi.yaml`` names. ``known_outputs`` gives
    outputs of stacks that are deployed already (stack name to outputs); they replace the unknown ones that a plan
    would hand to the stacks after. ``providers`` stand in for the clouds; by default those that know no account, so
    that what only an account can answer stays unknown. ``earlier`` is a plan to compare with. Raises PlanRefused for
    anything that a person has to correct.
    """
    from ..environment.load import load
    from ..resolve.environment import resolve

    try:
        environment = load(environment_folder)
        resolution = resolve(environment)
    except InvalidEnvironment as error:
        raise PlanRefused(str(error)) from error
    if earlier is not None and earlier.environment != environment.name:
        raise PlanRefused(
            f"--since {earlier.file}: is a plan of {earlier.environment!r}, and this one is of {environment.name!r}"
        )
    in_order = layers(environment, stacks_dir)
    runs = _runs(in_order, known_outputs or {}, on_progress, providers)
    document = _document(environment, resolution, in_order, runs, stacks_dir)
    if earlier is None:
        return document
    from .changes import changes_since

    changes = changes_since(earlier, document.stacks, document.root, document.pools, document.cluster_lines)
    return replace(document, changes=changes)


def _runs(
    in_order: list[Layer],
    known_outputs: Mapping[str, Mapping[str, Any]],
    on_progress: Progress | None,
    providers: Providers | None,
) -> list[Run]:
    from ..offline import InputsRefused, NotSupported, ProgramFailed, run

    unknown = sorted(set(known_outputs) - {layer.stack.stack for layer in in_order})
    if unknown:
        stacks = ", ".join(layer.stack.stack for layer in in_order)
        raise PlanRefused(f"--outputs {unknown[0]}: no such stack in this environment; its stacks are {stacks}")
    runs: list[Run] = []
    references: dict[str, Mapping[str, Any]] = {}
    for layer in in_order:
        stack = layer.stack
        try:
            done = run(
                stack.main,
                project=stack.project,
                stack=stack.stack,
                organization=stack.organization,
                config=stack.config,
                references=references,
                providers=providers,
                on_progress=_of_stack(stack.stack, on_progress),
            )
        except (InputsRefused, ProgramFailed, NotSupported) as error:
            raise PlanRefused(_failure(stack.stack, error)) from error
        runs.append(done)
        full_name = f"{stack.organization}/{stack.project}/{stack.stack}"
        given = known_outputs.get(stack.stack, {})
        for key in sorted(given.keys() & done.outputs.keys()):
            _refuse_misfit(f"--outputs {stack.stack}: {key}", done.outputs[key], given[key])
        references[full_name] = {**done.outputs, **given}
    return runs


def _refuse_misfit(path: str, planned: Any, given: Any) -> None:
    """Outputs of another shape than the program's own would make the next program fail at a line of its own."""
    for kind, noun in ((Mapping, "an object"), (list, "a list"), (str, "text")):
        if isinstance(planned, kind) and not isinstance(given, kind | Secret):
            raise PlanRefused(f"{path}: must be {noun}, as the stack exports it; write the file again")
    if isinstance(planned, Mapping) and isinstance(given, Mapping):
        for key in sorted(planned.keys() & given.keys()):
            _refuse_misfit(f"{path}.{key}", planned[key], given[key])


def _of_stack(stack: str, on_progress: Progress | None) -> Callable[[int, Any], None] | None:
    if on_progress is None:
        return None
    return lambda count, _resource: on_progress(stack, count)


def _failure(stack: str, error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, InvalidEnvironment | PlanRefused):
            return str(cause)
        cause = cause.__cause__
    return f"stack {stack}: {error}"


def _document(
    environment: Environment, resolution: Resolution, in_order: list[Layer], runs: list[Run], stacks_dir: Path
) -> PlanDocument:
    from ..cost import Assumptions, estimate
    from ..placement import place
    from .verdicts import run_policies

    stacks = tuple(
        StackPlan(layer.stack.stack, layer.name, in_reading_order(done.graph), done.outputs)
        for layer, done in zip(in_order, runs, strict=True)
    )
    whole = ResourceGraph(resource for stack in stacks for resource in stack.graph)
    assumptions = Assumptions.from_mapping(cost_assumptions(resolution))
    costs = estimate(whole, assumptions)
    placement = place(whole)
    models = model_lines(resolution, costs, placement)
    config = policy_config(resolution)
    told = (*resolution.notices, *endpoint_notices(resolution), *budget_notices(resolution))
    return PlanDocument(
        environment=environment.name,
        tier=environment.platform.tier,
        version=version(),
        stacks=stacks,
        policies=tuple(verdict for stack in stacks for verdict in run_policies(stack.graph, config)),
        policies_checked=tuple(name for name, setting in config.items() if setting["enforcementLevel"] != "disabled"),
        costs=costs,
        placement=placement,
        budgets=tuple(_budgets(environment, costs, config[BUDGET_POLICY]["enforcementLevel"] == "mandatory")),
        models=models,
        pools=pool_lines(resolution),
        cluster_lines=cluster_lines(resolution),
        notices=(
            *told,
            *cold_start_notices(models),
            *streaming_notices(models),
            *_warnings(stacks, runs, told),
        ),
        clusters=tuple(cluster.declared.name for cluster in resolution.clusters),
        repositories=model_repositories(resolution),
        choices=resolution.choices,
        root=str(stacks_dir.absolute().parent),
        outputs={stack.name: stack.outputs for stack in stacks},
    )


def _budgets(environment: Environment, costs: Estimate, mandatory: bool) -> Iterator[BudgetLine]:
    from ..cost import budget_verdict

    strict = environment.platform.tier == "prod"
    whole = environment.platform.monthly_budget_usd
    if whole is not None:
        yield _whole_budget(environment.name, whole, costs, mandatory, strict)
    for department in environment.departments:
        verdict = budget_verdict(costs, department.department, department.monthly_budget_usd)
        yield BudgetLine(
            department=department.department,
            budget_usd=verdict.budget_usd,
            estimated_usd=verdict.usd,
            outcome=verdict.status,
            sentence=verdict.sentence,
            broken=mandatory and (verdict.status == "fail" or (verdict.status == "undetermined" and strict)),
        )


def _whole_budget(name: str, budget: Decimal, costs: Estimate, mandatory: bool, strict: bool) -> BudgetLine:
    figures = f"{name} as a whole: {costs.total:,.2f} USD a month of {budget:,.2f} USD"
    outcome: Outcome
    if costs.total > budget:
        outcome, sentence = "fail", f"{figures}: over the budget by {costs.total - budget:,.2f} USD."
    elif costs.unpriced:
        items = "1 item has" if len(costs.unpriced) == 1 else f"{len(costs.unpriced):,} items have"
        outcome, sentence = "undetermined", f"{figures} is priced, but {items} no price."
    else:
        outcome, sentence = "pass", f"{figures}: within the budget."
    broken = mandatory and (outcome == "fail" or (outcome == "undetermined" and strict))
    return BudgetLine("all", budget, costs.total, outcome, sentence, broken)


def _warnings(stacks: tuple[StackPlan, ...], runs: list[Run], told: tuple[str, ...]) -> Iterator[str]:
    """What components say in the words of a notice is said once."""
    for stack, done in zip(stacks, runs, strict=True):
        for diagnostic in done.diagnostics:
            if diagnostic.severity in ("warning", "error") and diagnostic.message not in told:
                yield f"{stack.name}: {diagnostic.message}"
