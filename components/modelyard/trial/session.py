"""A trial from the beginning to the end: :func:`run_trial`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalog import triton_releases
from ..environment.names import CPU
from ..repository.protobuf import ModelConfig
from ..repository.repository import Repository
from . import served
from .address import ServerAddress
from .expectation import expected
from .golden import GoldenResult, check_golden, read_golden
from .judgement import judged
from .load import CannotLoad, LoadPlan, LoadProgress, LoadResult, OpenLoop, load
from .local_server import LocalServer, installed, started
from .measured import Measured, measured
from .phases import COMPARE, GOLDEN, INSTALL, LOAD, PREPARE, PROFILE, SMOKE, START, STOP, Nobody, Phases, Watch
from .processor import cores, processor
from .profiling import MOST_UNREST, ProfilingProgress, measure_profile, profiling_config, unrest
from .profiling_idle import is_chain, undelayed_config, with_idle_times
from .requests import NoSample, SampleRequest, samples
from .result import ServedBy, ServerFound, TrialResult
from .runtime import TRITON
from .server import START_SECONDS, CannotServe, Ports, RunningServer
from .server_log import reason, tail
from .smoke import Smoke, SmokeCheck, smoke
from .statistics import Counters, NoStatistics, ServerStatistics, between, counters, server_version
from .subject import Subject, requirements
from .substitution import TrialRepository, reconfigured, substituted

if TYPE_CHECKING:
    from ..sizing.prediction import Prediction
    from ..sizing.profile import MeasuredProfile

SECONDS = 10.0
"""Default length of the load."""
_IDLE_SHARE = 0.25
"""Of the profile's seconds, so long again for pauses."""
ANSWER_SECONDS = 10.0
"""Default deadline for one answer."""


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """How a trial is done."""

    seconds: float = SECONDS
    """Of the load, after its warm-up."""
    rate: float | None = None
    """Requests per second; None: one replica's share of the objective."""
    server: ServerAddress | None = None
    """A server that runs already; None: one is started."""
    ports: Ports = Ports()  # noqa: RUF009
    start_seconds: float = START_SECONDS
    """Deadline for readiness."""
    answer_seconds: float = ANSWER_SECONDS
    profile_file: Path | None = None
    """Where the measured profile is written; None: none is measured."""
    profile_seconds: float = 60.0
    """Budget for it."""
    accelerator: str = CPU
    """On which the stages run, as the profile calls it."""
    log_file: Path | None = None
    """Where the server's log is kept; None: it goes with the server."""
    cache: Path | None = None
    """Default: :func:`.packages.cache_folder`."""
    runtime: str = TRITON
    """Which server is started; one of :func:`.runtime.runtimes`."""


def run_trial(subject: Subject, options: TrialOptions, watch: Watch | None = None) -> TrialResult:
    """Serve the model and find out what it does.

    Whatever ends it, an interrupt included, no process and no temporary file stays behind.

    Raises:
        CannotSubstitute: a backend is not to be had here.
        CannotInstall: the server, or a package that a model needs, cannot be had.
        CannotServe: it never became ready, or went away.
        NoStatistics: nothing answers at the address of a server that runs elsewhere, or it is no Triton.
        UnfitRequirements, InvalidRepository, InvalidProfile: a file beside the model is wrong.
        CannotProfile: a stage could not be measured.
        CannotRun: ``options.runtime`` does not serve this model.
    """
    phases = Phases(watch or Nobody())
    if options.runtime != TRITON:
        from .runtime_trial import run_runtime_trial

        return run_runtime_trial(subject, options, phases)
    return _Trial(subject, options, phases).run()


class _Trial:
    def __init__(self, subject: Subject, options: TrialOptions, phases: Phases) -> None:
        self.subject = subject
        self.options = options
        self.phases = phases
        self.watch = phases.watch
        self.notices = list(subject.notices)
        self.started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self.running: RunningServer | None = None

    def run(self) -> TrialResult:
        options, subject = self.options, self.subject
        with self.phases(PREPARE):
            self.trial = self._trial_repository()
            self.repository = self.trial.repository
            self.config = self.repository.served.config
            self.golden = read_golden(subject.golden_path, self.config) if subject.golden_path else None
            self.profile = self._stored_profile()
        if options.server is not None:
            return self._elsewhere(options.server)
        if subject.left_out:
            listed = ", ".join(subject.left_out)
            self.notices.append(f"not set on this server, since they are secrets: {listed}")
        with self.phases(INSTALL):
            local = installed(self.trial, options.cache, self.watch.detail)
        with self._started(local) as running:
            server = ServerFound(running.version, _release(running.version), None, processor(), cores())
            seen = self._look(running.address)
        if options.profile_file is not None and seen.smoke.passed:
            self._profile_here(local)
        return self._result(server, seen, local.served_by)

    def _elsewhere(self, address: ServerAddress) -> TrialResult:
        version = server_version(address)
        if address.grpc is None:
            self.notices.append("nothing was asked over gRPC; name the server's address with --grpc-server")
        seen = self._look(address)
        if self.options.profile_file is not None and seen.smoke.passed:
            with self.phases(PROFILE):
                self._keep(self._measured_profile(address, self.repository, ()))
        return self._result(ServerFound(version, _release(version), address.http, None, None), seen, ())

    def _profile_here(self, local: LocalServer) -> None:
        """On servers of its own: one whose batchers wait until requests have come together, one where none waits."""
        profiled, undelayed = self._reconfigured(profiling_config), self._reconfigured(undelayed_config)
        with self._started(local.serving(profiled)) as running, self.phases(PROFILE):
            profile = self._measured_profile(running.address, profiled, local.served_by)
        if self.options.accelerator == CPU and is_chain(self.repository):
            with self._started(local.serving(undelayed)) as running, self.phases(PROFILE):
                profile = self._with_idle_times(profile, running.address)
        self._keep(profile)

    def _reconfigured(self, change: Callable[[ModelConfig], ModelConfig]) -> Repository:
        models = (reconfigured(model, change(model.config)) for model in self.repository.models)
        return Repository(self.repository.name, tuple(models))

    @contextmanager
    def _started(self, local: LocalServer) -> Iterator[RunningServer]:
        options = self.options
        with ExitStack() as held:
            with self.phases(START):
                server = started(
                    local,
                    ports=options.ports,
                    start_seconds=options.start_seconds,
                    log=options.log_file,
                    variables=self.subject.variables,
                    on_wait=lambda waited: self.watch.progress(waited, options.start_seconds),
                )
                self.running = held.enter_context(server)
            yield self.running
            with self.phases(STOP):
                held.close()

    def _trial_repository(self) -> TrialRepository:
        if self.options.server is not None:
            return TrialRepository(self.subject.repository, (), (), {})
        return substituted(
            self.subject.repository, release=self.subject.release, requirements=requirements(self.subject)
        )

    def _stored_profile(self) -> MeasuredProfile | None:
        from ..sizing.profile import read_profile

        path = self.subject.profile_path
        return read_profile(path) if path is not None and self.options.profile_file is None else None

    def _look(self, address: ServerAddress) -> _Seen:
        """What is asked of a server that runs."""
        with self.phases(SMOKE):
            answers = self._smoke(address)
        if not answers.passed:
            return _Seen(answers)
        golden: GoldenResult | None = None
        if self.golden is not None:
            with self.phases(GOLDEN):
                golden = check_golden(address, self.config, self.golden, timeout_s=self.options.answer_seconds)
        rate = self._rate()
        if rate is None:
            return _Seen(answers, golden)
        with self.phases(LOAD):
            loaded, statistics = self._load(address, rate)
        return _Seen(answers, golden, rate, loaded, statistics)

    def _smoke(self, address: ServerAddress) -> Smoke:
        try:
            given = [self._samples(1, rows)[0] for rows in sorted({1, max(self.config.max_batch_size, 1)})]
        except NoSample as error:
            return Smoke((SmokeCheck("a valid request can be made up", False, str(error)),))
        return smoke(address, self.config, requests=given, timeout_s=self.options.answer_seconds)

    def _samples(self, count: int, rows: int) -> tuple[SampleRequest, ...]:
        return samples(self.config, count=count, rows=rows, golden=self.golden)

    def _rate(self) -> float | None:
        promise = self.subject.promise
        if self.options.rate is not None:
            return self.options.rate
        if promise is None:
            self.notices.append("no load was sent: the model has no objective; give a rate with --rate")
            return None
        return promise.requests_per_second

    def _load(self, address: ServerAddress, rate: float) -> tuple[LoadResult, ServerStatistics | None]:
        plan = LoadPlan(
            self.repository.name,
            OpenLoop(rate),
            self._samples(32, 1),
            self.options.seconds,
            timeout_s=self.options.answer_seconds,
        )
        stages = self.repository.stages()
        before: list[Counters] = []

        def measuring() -> None:
            try:
                before.append(counters(address, stages))
            except NoStatistics as error:
                self.notices.append(f"nothing is known of the stages: {error}")

        def progress(at: LoadProgress) -> None:
            failed = f", {at.failed} failed" if at.failed else ""
            self.watch.detail(f"{'warming up' if at.warming_up else f'{rate:g}/s'}: {at.answered} answers{failed}")
            self.watch.progress(at.seconds, at.of_seconds)

        try:
            loaded = load(address, plan, progress=progress, measuring=measuring)
            statistics = between(before[0], counters(address, stages)) if before else None
        except (CannotLoad, NoStatistics) as error:
            raise self._went_away(str(error)) from error
        return loaded, statistics

    def _figures(self, loaded: LoadResult, statistics: ServerStatistics | None) -> Measured:
        try:
            return measured(loaded, statistics, instances=served.instances(self.repository))
        except ValueError as error:
            raise self._went_away(str(error)) from error

    def _expected(self, rate: float, loaded: LoadResult) -> Prediction | str:
        sent = max(len(loaded.outcome), 1)
        here = self.options.server is None
        return expected(
            self.repository,
            self.profile,
            rate=rate,
            accelerator=self.options.accelerator,
            cores=cores() if here else None,
            client_cpu_ms=loaded.generator_cpu_s / sent * 1000 if here else 0.0,
        )

    def _measured_profile(
        self, address: ServerAddress, repository: Repository, served_by: tuple[ServedBy, ...]
    ) -> MeasuredProfile:
        def progress(at: ProfilingProgress) -> None:
            self.watch.detail(f"{at.model}, batches of {at.batch_size}")
            self.watch.progress(at.seconds, at.of_seconds)

        return measure_profile(
            address,
            [model.config for model in repository.models],
            source=f"modelyard try --profile of {self.subject.name}",
            accelerators=dict.fromkeys(repository.stages(), self.options.accelerator),
            substitutes={each.substitute.model: f"{each.substitute.engine.name} {each.version}" for each in served_by},
            golden=self.golden,
            budget_s=self.options.profile_seconds,
            progress=progress,
        )

    def _with_idle_times(self, profile: MeasuredProfile, address: ServerAddress) -> MeasuredProfile:
        seconds = self.options.profile_seconds * _IDLE_SHARE

        def progress(passed: float) -> None:
            self.watch.detail("after pauses")
            self.watch.progress(passed, seconds)

        stages, given = self.repository.stages(), self._samples(32, 1)
        return with_idle_times(
            profile, address, self.repository.name, stages, given, seconds=seconds, progress=progress
        )

    def _keep(self, profile: MeasuredProfile) -> None:
        from ..review.atomic_file import write_all

        restless = unrest(profile)
        if restless > MOST_UNREST:
            self.notices.append(
                f"the machine was not quiet while the profile was measured: the 99th percentiles of a stage are "
                f"{restless:.0f} times its medians; measure it again before anything is sized with it"
            )
        assert self.options.profile_file is not None
        write_all([(self.options.profile_file, lambda: [profile.text()])])
        self.profile = profile

    def _went_away(self, said: str) -> CannotServe:
        """The error for a server that answered and does no more."""
        running = self.running
        if running is None:
            return CannotServe(f"the server stopped answering: {said}")
        text = running.log.read_text(encoding="utf-8", errors="replace")
        if running.ended():
            return CannotServe(f"the server ended during the trial: {reason(text) or said}", tail(text))
        return CannotServe(f"the server stopped answering: {said}", tail(text))

    def _result(self, server: ServerFound, seen: _Seen, served_by: tuple[ServedBy, ...]) -> TrialResult:
        subject, options = self.subject, self.options
        figures: Measured | None = None
        prediction: Prediction | str | None = None
        if seen.rate is not None and seen.loaded is not None:
            with self.phases(COMPARE):
                figures = self._figures(seen.loaded, seen.statistics)
                prediction = self._expected(seen.rate, seen.loaded)
        stand_ins = tuple(each.substitute.model for each in served_by)
        moved = tuple(name for name in self.trial.moved if name not in stand_ins)
        return TrialResult(
            model=subject.name,
            environment=subject.environment,
            started_at=self.started_at,
            release=subject.release,
            digest=subject.repository.digest,
            server=server,
            models=served.models(subject.repository),
            stages=subject.repository.stages(),
            substitutes=served_by,
            moved=self.trial.moved,
            smoke=seen.smoke,
            golden=seen.golden,
            promise=subject.promise,
            rate=seen.rate,
            measured=figures,
            predicted=None if isinstance(prediction, str) else prediction,
            unpredicted=prediction if isinstance(prediction, str) else None,
            outcome=judged(subject.promise, figures, rate=seen.rate, stand_ins=stand_ins, moved=moved),
            profile_path=str(options.profile_file) if options.profile_file and seen.smoke.passed else None,
            notices=tuple(self.notices),
            seconds=self.phases.seconds,
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a server answered."""

    smoke: Smoke
    golden: GoldenResult | None = None
    rate: float | None = None
    loaded: LoadResult | None = None
    statistics: ServerStatistics | None = None


def _release(version: str) -> str | None:
    found = triton_releases.of_server(version)
    return found.release if found else None
