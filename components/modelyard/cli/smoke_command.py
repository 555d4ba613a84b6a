"""``modelyard smoke``"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..environment.known_name import unknown
from ..review.atomic_file import CannotWrite
from .documents import asked_documents, deliver, keep_declarations, say_written
from .header_variables import headers_of

if TYPE_CHECKING:
    from ..serving.client import Client, Endpoint
    from ..trial.deployed import SmokeOfDeployed
    from ..trial.subject import Subject


def run(arguments: argparse.Namespace) -> int:
    """Ask a deployed model what is known of it; the exit code is 0 right, 3 wrong, 1 no answer."""
    from ..environment.problem import InvalidEnvironment
    from ..repository.invalid import InvalidRepository
    from ..review.refused import PlanRefused
    from ..serving.client import NotAnswered
    from ..trial.choice import NoSuchModel
    from ..trial.deployed import CannotSmoke
    from ..trial.requests import NoSample

    try:
        return _run(arguments)
    except (CannotSmoke, InvalidEnvironment, InvalidRepository, NoSample, NoSuchModel, NotAnswered) as error:
        raise PlanRefused(str(error)) from error


def _run(arguments: argparse.Namespace) -> int:
    from ..trial.deployed import SmokeOfDeployed, ask_place, questions
    from ..trial.golden import read_golden

    asked = asked_documents({"--json": arguments.json})
    subject = _subject(arguments, asked)
    config = subject.repository.models[-1].config
    golden = read_golden(subject.golden_path, config) if subject.golden_path else None
    given = questions(config, golden, arguments.requests)
    clients = {where: _client(arguments, endpoint) for where, endpoint in _endpoints(arguments, subject.name).items()}
    places = []
    for where, client in clients.items():
        if not arguments.quiet and sys.stderr.isatty():
            print(f"asking {where or client.endpoint.host}", file=sys.stderr)
        places.append(
            ask_place(
                where, client, config, given, variant=arguments.variant, binary=arguments.protocol == "binary" or None
            )
        )
        client.close()
    result = SmokeOfDeployed(subject.name, subject.environment, golden is not None, tuple(places))
    deliver(asked, lambda _: _parts(result), lambda: _show(result, arguments, asked))
    return result.exit_code


def _subject(arguments: argparse.Namespace, asked: Mapping[str, str]) -> Subject:
    from ..trial.choice import NoSuchModel, is_folder, of_environment, of_folder, served_model

    if is_folder(arguments.model) and arguments.env is None:
        return of_folder(Path(arguments.model))
    from ..environment.load import load
    from .environment_choice import chosen

    folder, _ = chosen(arguments.env, arguments.stacks)
    keep_declarations(asked, folder)
    environment = load(folder)
    served = served_model(environment, arguments.model)
    if served.stable.repository is None:
        what = f"its files are at {served.stable.url}" if served.stable.url else f"{served.declared.server} serves it"
        raise NoSuchModel(
            f"model {arguments.model!r}: {what}, so that no file here declares its tensors; bring a folder with "
            "model.yaml and golden.json and name that, or ask it by code with modelyard.serving.client"
        )
    return of_environment(environment, arguments.model)


def _endpoints(arguments: argparse.Namespace, model: str) -> dict[str, Endpoint]:
    """By region or cluster; an address has the empty name."""
    from ..serving.client import Endpoint

    if arguments.url is not None:
        if arguments.region:
            raise CannotWrite("--region: is about --outputs; an address is one place, so leave it out")
        return {"": Endpoint.at(arguments.url, model)}
    found = Endpoint.places(_outputs(arguments.outputs), model)
    for region in arguments.region:
        if region not in found:
            raise CannotWrite(f"--region: {unknown(f'a region or cluster of {model}', region, found)}")
    return {where: endpoint for where, endpoint in found.items() if not arguments.region or where in arguments.region}


def _outputs(file: str) -> dict[str, Any]:
    """Of the stack. No message quotes a file's content."""
    where = "standard input" if file == "-" else file
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        content = json.loads(text)
    except OSError as error:
        raise CannotWrite(f"--outputs {file}: {where} cannot be read: {(error.strerror or '').lower()}") from error
    except (ValueError, RecursionError) as error:
        raise CannotWrite(
            f"--outputs {file}: {where} is not JSON; write it with 'pulumi stack output --json'"
        ) from error
    if not isinstance(content, dict):
        raise CannotWrite(f"--outputs {file}: {where} does not hold an object of outputs")
    return content


def _client(arguments: argparse.Namespace, endpoint: Endpoint) -> Client:
    from ..serving.client import Client

    return Client(
        endpoint,
        protocol="grpc" if arguments.protocol == "grpc" else "http",
        headers=headers_of(arguments.header_env),
        timeout_s=arguments.answer_seconds,
        upload_to=arguments.upload_to,
        answer_within_s=max(arguments.wait_seconds, arguments.answer_seconds),
        waiting=None if arguments.quiet else lambda sentence: print(sentence, file=sys.stderr),
    )


def _parts(result: SmokeOfDeployed) -> Iterator[str]:
    from ..trial.deployed_json import parts

    yield from parts(result)


def _show(result: SmokeOfDeployed, arguments: argparse.Namespace, asked: dict[str, str]) -> None:
    if arguments.quiet:
        print(f"{result.conclusion}.")
        return
    from ..trial.deployed_terminal import print_smoke

    print_smoke(result, sys.stdout)
    say_written(asked)
