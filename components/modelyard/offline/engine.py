"""Run a Pulumi program without the Pulumi CLI."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pulumi.errors import RunError
from pulumi.runtime import config as sdk_config
from pulumi.runtime import settings as sdk_settings
from pulumi.runtime.stack import run_in_stack

from modelyard.graph import UNKNOWN, Resource, ResourceGraph, Secret
from modelyard.offline.builtin_functions import BuiltinProvider, UnknownStack
from modelyard.offline.declared import Declared
from modelyard.offline.diagnostics import Diagnostic, EngineLog, Mask
from modelyard.offline.fast_path import fast_paths
from modelyard.offline.garbage import collecting_rarely
from modelyard.offline.loop import InlineLoop
from modelyard.offline.monitor import ResourceMonitor
from modelyard.offline.program import entry_point, program_frames, surroundings
from modelyard.offline.provider_registry import ProviderRegistry
from modelyard.offline.refusal import InputsRefused, ProgramFailed
from modelyard.offline.registration import Options
from modelyard.offline.schemas import mismatch
from modelyard.offline.simulated import Providers, all_providers
from modelyard.offline.turns import Turns
from modelyard.offline.undecrypted import UndecryptedText, unknown_secrets

Progress = Callable[[int, Resource], None]
"""Called after each registration with the count so far and the resource."""


@dataclass(slots=True)
class Run:
    """What a program declared."""

    graph: ResourceGraph
    """Resources in registration order, the root stack first."""
    outputs: dict[str, Any] = field(default_factory=dict)
    """The stack's exports: plain values, ``UNKNOWN`` and ``Secret``."""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    options: dict[str, Options] = field(default_factory=dict)
    """The rarer resource options, for the URNs that set any."""


def run(
    program: Callable[[], None] | Path,
    *,
    project: str,
    stack: str,
    organization: str = "organization",
    config: Mapping[str, str | Secret] | None = None,
    mode: Literal["preview", "up"] = "preview",
    references: Mapping[str, Mapping[str, Any]] | None = None,
    providers: Providers | None = None,
    on_progress: Progress | None = None,
) -> Run:
    """Run a program against simulated providers and give what it declared.

    ``program`` is a function, a folder with a ``__main__.py`` or a Python file. ``config`` maps full keys
    (``project:name``) to text or ``Secret``; an encrypted value is ``Secret(UNKNOWN)``. ``references`` maps full
    stack names (``organization/project/stack``) to the ``outputs`` of earlier runs. In ``preview`` everything that
    the cloud computes is ``UNKNOWN``; ``up`` simulates creation with values derived from the URNs.

    Raises ProgramFailed when the program raises, InputsRefused with all reasons when resources are refused.
    Nothing outlives the run: no thread, no event loop, no SDK setting.
    """
    start = entry_point(program)
    settings = config or {}
    log, declared = EngineLog(), Declared(project, stack, on_progress)
    monitor = ResourceMonitor(
        project=project,
        stack=stack,
        organization=organization,
        declared=declared,
        registry=ProviderRegistry(all_providers() if providers is None else providers, settings),
        builtin=BuiltinProvider(organization, project, references or {}),
        preview=mode == "preview",
    )

    def in_context() -> BaseException | None:
        _configure(monitor, log, settings, project, stack, organization, mode == "preview")
        return _run_program(start, program)

    context = contextvars.copy_context()
    failure = _outside_running_loop(lambda: context.run(in_context))
    return _result(declared, log, settings, failure, monitor.unanswered)


def _configure(
    monitor: ResourceMonitor,
    log: EngineLog,
    config: Mapping[str, str | Secret],
    project: str,
    stack: str,
    organization: str,
    preview: bool,
) -> None:
    sdk_settings.ROOT.set(None)
    new = sdk_settings.Settings(
        project=project,
        stack=stack,
        monitor=monitor,
        engine=log,
        dry_run=preview,
        organization=organization,
        root_directory=None,
    )
    new.callbacks = monitor.callbacks  # pyright: ignore[reportAttributeAccessIssue] # a context property
    sdk_settings.configure(new)
    values = {key: _config_value(value) for key, value in config.items()}
    secret_keys = [key for key, value in config.items() if isinstance(value, Secret)]
    sdk_config.set_all_config(values, secret_keys)


def _config_value(value: str | Secret) -> Any:
    if not isinstance(value, Secret):
        return value
    inner = value.reveal()
    return UndecryptedText() if inner is UNKNOWN else inner


def _run_program(start: Callable[[], None], program: Callable[[], None] | Path) -> BaseException | None:
    loop = InlineLoop()
    sdk_settings.SETTINGS.rpc_manager = Turns(loop)  # pyright: ignore[reportAttributeAccessIssue] # a context property
    with loop.interruptible():
        try:
            with surroundings(program), collecting_rarely(), unknown_secrets(), fast_paths():
                loop.run_until_complete(run_in_stack(start))
        except (Exception, SystemExit) as error:
            return error
        finally:
            loop.finish()
    return None


def _outside_running_loop(call: Callable[[], BaseException | None]) -> BaseException | None:
    """Call here, or in a thread of its own where this thread already runs an event loop."""
    if not _in_running_loop():
        return call()
    outcome: list[BaseException | None] = []
    thread = threading.Thread(target=lambda: outcome.append(call()), name="modelyard-offline")
    thread.start()
    thread.join()
    return outcome[0]


def _in_running_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _result(
    declared: Declared,
    log: EngineLog,
    config: Mapping[str, Any],
    failure: BaseException | None,
    unanswered: list[str],
) -> Run:
    mask = Mask()
    if failure is not None or declared.refusals or log.diagnostics:
        mask.learn([value for value in config.values() if isinstance(value, Secret)])
        for resource in declared.resources:
            mask.learn_secrets(resource.inputs)
    refusals = [mask.refusal(refusal) for refusal in declared.refusals]
    if failure is not None:
        _mask_error(failure, mask)
        raise ProgramFailed(_failure_message(failure, unanswered), refusals) from failure
    if refusals:
        raise InputsRefused(refusals)
    return Run(
        graph=ResourceGraph(declared.resources),
        outputs=declared.root.outputs if declared.root is not None else {},
        diagnostics=[*_about_catalogue(), *(mask.diagnostic(diagnostic) for diagnostic in log.diagnostics)],
        options=declared.options,
    )


def _about_catalogue() -> Iterator[Diagnostic]:
    """Inputs are checked by what the SDKs were when the catalogue was built."""
    difference = mismatch()
    if difference is not None:
        yield Diagnostic("warning", difference)


def _mask_error(error: BaseException, mask: Mask) -> None:
    """Keep the program's frames alone, and no secret in the error's text."""
    error.__traceback__ = program_frames(error)
    error.args = tuple(mask(part) if isinstance(part, str) else part for part in error.args)
    for cause in (error.__cause__, error.__context__):
        if cause is not None and cause is not error:
            _mask_error(cause, mask)


def _failure_message(failure: BaseException, unanswered: list[str]) -> str:
    if isinstance(failure, RunError | UnknownStack):
        # These are for the user of the program, who is to read nothing but the text.
        return str(failure)
    message = f"the program failed: {type(failure).__name__}: {failure}"
    if not unanswered:
        return message
    asked = ", ".join(sorted(set(unanswered)))
    return f"{message} (only an account can answer {asked}: offline the result is unknown, use the _output form)"
