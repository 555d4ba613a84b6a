"""``modelyard try``"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..http_address import is_address, without_login
from ..review.atomic_file import CannotWrite, check_writable
from .documents import asked_documents, deliver, say_written
from .header_variables import headers_of
from .trial_progress import watching

if TYPE_CHECKING:
    from ..trial.result import TrialResult
    from ..trial.session import TrialOptions
    from ..trial.subject import Subject

INVALID = 1


class _Ended(KeyboardInterrupt):
    """A signal asked this command to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run(arguments: argparse.Namespace) -> int:
    """Try a model; the exit code is the result's: 0 it works, 3 it answers wrongly or misses its objective here."""
    try:
        with _ended_by_signals():
            return _run(arguments)
    except _Ended as ended:
        return 128 + ended.number


def _run(arguments: argparse.Namespace) -> int:
    from ..environment.problem import InvalidEnvironment
    from ..repository.invalid import InvalidRepository
    from ..review.refused import PlanRefused
    from ..sizing.profile import InvalidProfile
    from ..trial.choice import NoSuchModel
    from ..trial.packages import CannotInstall
    from ..trial.profiling import CannotProfile
    from ..trial.runtime import CannotRun
    from ..trial.server import CannotServe
    from ..trial.session import run_trial
    from ..trial.statistics import NoStatistics
    from ..trial.subject import UnfitRequirements
    from ..trial.substitution import CannotSubstitute

    try:
        asked = asked_documents({"--json": arguments.json, "--html": arguments.html})
        subject = _subject(arguments)
        options = _options(arguments, subject)
        with watching(arguments.quiet) as watch:
            result = run_trial(subject, options, watch)
    except (
        CannotInstall,
        CannotProfile,
        CannotRun,
        CannotServe,
        CannotSubstitute,
        InvalidEnvironment,
        InvalidProfile,
        InvalidRepository,
        NoStatistics,
        NoSuchModel,
        UnfitRequirements,
    ) as error:
        raise PlanRefused(str(error)) from error
    deliver(asked, lambda option: _parts(result, option), lambda: _show(result, arguments, asked))
    return result.exit_code


def _subject(arguments: argparse.Namespace) -> Subject:
    subject = _named(arguments)
    if arguments.stage is None:
        return subject
    from ..trial.runtime import stage_of

    return stage_of(subject, arguments.stage)


def _named(arguments: argparse.Namespace) -> Subject:
    from ..trial.choice import is_folder, of_environment, of_folder

    if is_folder(arguments.model) and arguments.env is None:
        return of_folder(Path(arguments.model), arguments.release)
    from ..environment.load import load
    from .environment_choice import chosen

    if arguments.release is not None:
        raise CannotWrite(
            f"--release {arguments.release}: a model of an environment declares its own release; leave it out"
        )
    folder, _ = chosen(arguments.env, arguments.stacks)
    return of_environment(load(folder), arguments.model)


def _options(arguments: argparse.Namespace, subject: Subject) -> TrialOptions:
    from ..environment.names import CPU
    from ..sizing.profile import FILE_NAME
    from ..trial.address import ServerAddress
    from ..trial.server import Ports
    from ..trial.session import TrialOptions

    _check_combination(arguments)
    server = None
    if arguments.server is not None:
        server = ServerAddress(
            _url(arguments.server), arguments.grpc_server, arguments.metrics, headers=headers_of(arguments.header_env)
        )
    profile = None
    if arguments.profile is not None:
        profile = Path(arguments.profile) if arguments.profile else subject.folder / FILE_NAME
        check_writable(str(profile), "--profile")
        _keep_other_profiles(profile, arguments.accelerator or CPU)
    if arguments.keep_log:
        check_writable(arguments.keep_log, "--keep-log")
    return TrialOptions(
        seconds=arguments.seconds,
        rate=arguments.rate,
        server=server,
        ports=Ports(arguments.http_port, arguments.grpc_port, arguments.metrics_port),
        start_seconds=arguments.start_seconds,
        answer_seconds=arguments.answer_seconds,
        profile_file=profile,
        profile_seconds=arguments.profile_seconds,
        accelerator=arguments.accelerator or CPU,
        log_file=Path(arguments.keep_log).absolute() if arguments.keep_log else None,
        runtime=arguments.runtime,
    )


def _check_combination(arguments: argparse.Namespace) -> None:
    """Raise CannotWrite for options that say nothing together."""
    elsewhere = {
        "--grpc-server": arguments.grpc_server,
        "--metrics": arguments.metrics,
        "--header-env": arguments.header_env,
        "--accelerator": arguments.accelerator,
    }
    here = {
        "--http-port": arguments.http_port,
        "--grpc-port": arguments.grpc_port,
        "--metrics-port": arguments.metrics_port,
        "--keep-log": arguments.keep_log,
    }
    alone, what = (elsewhere, "a server that runs elsewhere; name it with --server, or leave this out")
    if arguments.server is not None:
        alone, what = here, "a server that is started here; leave it out, or leave --server out"
        if arguments.profile is not None and arguments.accelerator is None:
            raise CannotWrite("--profile: name what the server runs on with --accelerator, such as L4 or cpu")
    for option, value in alone.items():
        if value:
            raise CannotWrite(f"{option}: is about {what}")
    if arguments.runtime == "triton":
        return
    of_triton = {
        "--server": arguments.server,
        "--profile": arguments.profile is not None,
        "--rate": arguments.rate,
        "--http-port": arguments.http_port,
        "--grpc-port": arguments.grpc_port,
        "--metrics-port": arguments.metrics_port,
    }
    for option, value in of_triton.items():
        if value:
            raise CannotWrite(
                f"{option}: is about a trial on Triton; --runtime {arguments.runtime} is asked whether it answers, so "
                "leave one of them out"
            )


def _keep_other_profiles(file: Path, accelerator: str) -> None:
    """Raise CannotWrite where times of another accelerator, which nobody can measure here, would be lost."""
    from ..sizing.profile import InvalidProfile, read_profile

    if not file.is_file():
        return
    try:
        others = {stage.accelerator for stage in read_profile(file).stages} - {accelerator}
    except InvalidProfile:
        return
    if others:
        raise CannotWrite(
            f"--profile: {file} holds times on {', '.join(sorted(others))}, and this would measure on {accelerator}; "
            "name another file after --profile"
        )


def _url(given: str) -> str:
    url = given if "://" in given else f"http://{given}"
    if (hidden := without_login(url)) is not None:
        raise CannotWrite(
            f"--server {hidden}: holds a name or a password; delete it, and send a header with --header-env"
        )
    if not is_address(url):
        raise CannotWrite(f"--server {given}: write http://host:port or https://host:port")
    return url.rstrip("/")


def _parts(result: TrialResult, option: str) -> Iterator[str]:
    """The result's text in parts; what makes it is imported only where it is asked for."""
    if option == "--json":
        from ..trial.result_json import parts as made
    else:
        from ..trial.html.page import parts as made
    yield from made(result)


def _show(result: TrialResult, arguments: argparse.Namespace, asked: dict[str, str]) -> None:
    if arguments.quiet:
        print(result.conclusion)
        return
    from ..trial.terminal import print_result

    print_result(result, sys.stdout)
    say_written(asked)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A polite end on SIGTERM and SIGHUP, as on Ctrl-C; a second signal does not disturb it."""

    def end(number: int, frame: object) -> None:
        for each in watched:
            signal.signal(each, signal.SIG_IGN)
        raise _Ended(number)

    watched = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    earlier = {number: signal.signal(number, end) for number in watched}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
