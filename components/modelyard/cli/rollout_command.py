"""``modelyard rollout``"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment.known_name import unknown
from ..http_header import is_token
from ..review.atomic_file import CannotWrite, check_writable, write_all
from .documents import asked_documents, deliver, keep_declarations, say_written
from .environment_choice import chosen

if TYPE_CHECKING:
    from ..promotion.canary import Canary
    from ..promotion.declared_change import ChangedLine
    from ..promotion.judgement import Judgement
    from ..promotion.prometheus import Prometheus

_ASK_AGAIN_SECONDS = 15.0
_NAMED = re.compile(r"([A-Za-z0-9-]+)=(.*)", re.DOTALL)


def run(arguments: argparse.Namespace) -> int:
    """Judge a canary, change its declaration where that is asked for; the exit code is the decision's."""
    from ..environment.problem import InvalidEnvironment
    from ..promotion.canary import NoCanary
    from ..promotion.declared_change import NotWritable
    from ..promotion.prometheus import CannotAsk
    from ..review.refused import PlanRefused

    try:
        return _run(arguments)
    except (CannotAsk, InvalidEnvironment, NoCanary, NotWritable) as error:
        raise PlanRefused(str(error)) from error


def _run(arguments: argparse.Namespace) -> int:
    from ..environment.load import load
    from ..promotion.canary import declared_canary

    asked = asked_documents({"--json": arguments.json})
    folder, _ = chosen(arguments.env, arguments.stacks)
    keep_declarations(asked, folder)
    texts = _texts(folder)
    canary = declared_canary(load(folder), arguments.model)
    if arguments.begin and canary.rollout.percent:
        raise CannotWrite(
            f"--begin: version {canary.version} of {canary.model} has {canary.rollout.percent} % already; leave it out"
        )
    if arguments.write:
        check_writable(str(canary.file), "--write")
    judgement = _asked(arguments, canary, _servers(arguments, canary))
    change = _change(arguments, judgement, texts.get(canary.file.name))
    written = arguments.write and bool(change)

    def show() -> None:
        from ..promotion.conclusion import conclusion
        from ..promotion.terminal import print_judgement

        if arguments.quiet:
            print(f"{conclusion(judgement, written)}.")
            return
        print_judgement(judgement, change, written, sys.stdout, full=arguments.full)
        say_written(asked)

    deliver(asked, lambda _: _parts(judgement, change, written), show)
    return judgement.decision.exit_code


def _texts(folder: Path) -> dict[str, bytes]:
    """Of every department, before the environment is read: what is written must be a change of what was read."""
    try:
        return {file.name: file.read_bytes() for file in (folder / "departments").glob("*.yaml") if file.is_file()}
    except OSError:
        return {}


def _asked(arguments: argparse.Namespace, canary: Canary, servers: Mapping[str, Prometheus]) -> Judgement:
    """Once, or until there is something to do. Who has answered once may fail to while we wait."""
    from ..promotion.decision import UNDETERMINED
    from ..promotion.judgement import judged
    from ..promotion.prometheus import CannotAsk

    end = time.monotonic() + 60 * (arguments.wait or 0)
    judgement = judged(canary, servers, begin=arguments.begin)
    while judgement.decision.exit_code == UNDETERMINED and (left := end - time.monotonic()) > 0:
        time.sleep(min(_ASK_AGAIN_SECONDS, left))
        try:
            judgement = judged(canary, servers, begin=arguments.begin)
        except CannotAsk:
            if time.monotonic() >= end:
                raise
    return judgement


def _change(arguments: argparse.Namespace, judgement: Judgement, content: bytes | None) -> tuple[ChangedLine, ...]:
    """Lines that the decision changes, written where that is asked for."""
    from ..promotion.declared_change import NotWritable, changed, changed_lines

    canary, decision = judgement.canary, judgement.decision
    if decision.action == "hold":
        return ()
    moved = CannotWrite(f"{canary.file_name}: was changed while the gates were asked, and is left as it is; run again")
    if content is None:
        raise moved
    before = content.decode()
    try:
        after = changed(before, canary, decision)
    except NotWritable:
        if arguments.write:
            raise
        return ()
    if arguments.write:

        def made() -> Iterator[str]:
            yield after
            if canary.file.read_bytes() != content:
                raise moved

        write_all([(canary.file, made)])
    return changed_lines(before, after)


def _parts(judgement: Judgement, change: tuple[ChangedLine, ...], written: bool) -> Iterator[str]:
    from ..promotion.result_json import parts

    yield from parts(judgement, change, written)


def _servers(arguments: argparse.Namespace, canary: Canary) -> dict[str, Prometheus]:
    """One for each cluster of the model."""
    from ..promotion.prometheus import Prometheus

    token = _token(arguments.token_env)
    urls: dict[str, str] = {}
    for given in arguments.prometheus:
        named = _NAMED.fullmatch(given)
        if named is None and len(canary.clusters) > 1:
            each = " ".join(f"--prometheus {cluster}=URL" for cluster in canary.clusters)
            raise CannotWrite(
                f"--prometheus: {canary.model} is served on {len(canary.clusters)} clusters, and the gates are asked "
                f"in each; write {each}"
            )
        cluster, url = (named[1], named[2]) if named is not None else (next(iter(canary.clusters)), given)
        if cluster not in canary.clusters:
            raise CannotWrite(f"--prometheus: {unknown(f'a cluster of {canary.model}', cluster, canary.clusters)}")
        if cluster in urls:
            raise CannotWrite(f"--prometheus: cluster {cluster!r} has two; leave one out")
        urls[cluster] = url
    missing = [cluster for cluster in canary.clusters if cluster not in urls]
    if missing:
        each = " ".join(f"--prometheus {cluster}=URL" for cluster in missing)
        raise CannotWrite(f"--prometheus: {canary.model} is served on {', '.join(missing)} too; write {each} besides")
    return {
        cluster: Prometheus(urls[cluster], token=token, ca_file=arguments.ca_file, seconds=arguments.answer_seconds)
        for cluster in canary.clusters
    }


def _token(variable: str | None) -> str | None:
    """The variable's value; it is never shown."""
    if variable is None:
        return None
    token = os.environ.get(variable, "").strip()
    if not token:
        raise CannotWrite(f"--token-env {variable}: the environment has no such variable, or it is empty")
    if not is_token(token):
        raise CannotWrite(f"--token-env {variable}: its value holds a character that no token has; look how it was set")
    return token
