"""A trial on a server that is not Triton: one model, the smoke test, and the answers that are known."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import served
from .golden import GoldenResult, check_golden, read_golden
from .phases import GOLDEN, INSTALL, PREPARE, SMOKE, START, STOP, Phases
from .processor import cores, processor
from .result import ServerFound, TrialResult
from .runtime import Runtime, RuntimeModel, model_of, runtimes
from .runtime_process import launched
from .smoke import smoke
from .subject import Subject

if TYPE_CHECKING:
    from .session import TrialOptions


def run_runtime_trial(subject: Subject, options: TrialOptions, phases: Phases) -> TrialResult:
    """Serve the subject's model by ``options.runtime`` and ask it.

    No load is sent and no profile is measured: what would be compared are Triton's own figures.

    Raises:
        CannotRun: this runtime does not serve this model.
        CannotInstall: it cannot be had here.
        CannotServe: it never became ready.
        InvalidRepository: golden.json is wrong.
    """
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    runtime = runtimes()[options.runtime]
    with phases(PREPARE):
        model = model_of(subject, runtime)
        known = read_golden(subject.golden_path, model.config) if subject.golden_path else None
    with phases(INSTALL):
        prepare = _prepared(runtime, model, options.cache, phases.watch.detail)
    with ExitStack() as held:
        with phases(START):
            address = held.enter_context(
                launched(
                    prepare,
                    log=options.log_file,
                    start_seconds=options.start_seconds,
                    on_wait=lambda waited: phases.watch.progress(waited, options.start_seconds),
                )
            )
        with phases(SMOKE):
            answers = smoke(address, model.config, timeout_s=options.answer_seconds)
        golden: GoldenResult | None = None
        if known is not None and answers.passed:
            with phases(GOLDEN):
                golden = check_golden(address, model.config, known, timeout_s=options.answer_seconds)
        with phases(STOP):
            held.close()
    notices = (
        *subject.notices,
        f"no load was sent, and nothing says how fast {subject.name} is: {runtime.server} was asked whether it answers",
        *address.dialect.gaps,
    )
    return TrialResult(
        model=subject.name,
        environment=subject.environment,
        started_at=started_at,
        release=subject.release,
        digest=subject.repository.digest,
        server=ServerFound(runtime.version, None, None, processor(), cores(), runtime.server),
        models=served.models(subject.repository),
        stages=subject.repository.stages(),
        substitutes=(),
        moved=(),
        smoke=answers,
        golden=golden,
        promise=None,
        rate=None,
        measured=None,
        predicted=None,
        unpredicted=None,
        outcome=None,
        profile_path=None,
        notices=notices,
        seconds=phases.seconds,
    )


def _prepared(runtime: Runtime, model: RuntimeModel, cache: Path | None, on_progress: Any) -> Callable[[Path], Any]:
    """``home`` and ``prepared`` of ``runtime_<name>``, which is imported when it is asked for."""
    module = import_module(f".runtime_{runtime.name}", __package__)
    return module.prepared(module.home(cache, on_progress), model)
