"""What the command line accepts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn


class UsageError(Exception):
    """The command line is wrong. ``str()`` says how, and where help is."""


def read(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments, with ``run`` the function of the command. Raises UsageError."""
    for text in argv:
        if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
            raise UsageError(f"the argument {text!r} holds a character that does not print; delete it")
    return _parser().parse_args(argv)


class _Parser(argparse.ArgumentParser):
    """Raises instead of exiting: 2 is the exit code of a broken policy."""

    intermixed = False
    """Whether options may stand between words."""

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def, override]
        if not self.intermixed:
            return super().parse_known_args(args, namespace)
        # What argparse does for this calls this method again, for the options and then for the words.
        self.intermixed = False
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.intermixed = True

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see '{self.prog} --help'")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="modelyard",
        description="Plan, price and check a model-serving platform without a cloud account.",
        epilog="Exit codes: 0 fine, 1 invalid input (nothing is written), 2 a mandatory policy or budget is broken.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    _plan(commands.add_parser("plan", help="resources, policies and dollars of an environment", allow_abbrev=False))
    _render(commands.add_parser("render", help="the Kubernetes side of an environment as files", allow_abbrev=False))
    _try(commands.add_parser("try", help="serve a model on this machine, test it and load it", allow_abbrev=False))
    _smoke(commands.add_parser("smoke", help="ask a deployed model what is known of it", allow_abbrev=False))
    _rollout(
        commands.add_parser("rollout", help="judge a canary: promote it, hold it or roll it back", allow_abbrev=False)
    )
    _catalog(commands.add_parser("catalog", help="search accelerators, machine types and prices", allow_abbrev=False))
    _schema(commands.add_parser("schema", help="the JSON Schema of an environment's files", allow_abbrev=False))
    return parser


def _environment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "environment", nargs="?", metavar="ENV", help="name of the environment, or its folder; default: the only one"
    )
    parser.add_argument(
        "--stacks", type=Path, metavar="DIR", help="folder of the environments and stack files; default: stacks"
    )
    parser.add_argument(
        "--outputs",
        action="append",
        default=[],
        metavar="STACK=FILE",
        help="outputs of a stack that is deployed, as 'pulumi stack output --json' prints them",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, and only the conclusion")


def _plan(parser: argparse.ArgumentParser) -> None:
    parser.description = "Plan every stack of an environment: no Pulumi CLI, no account, no network."
    parser.epilog = "FILE may be - for standard output, which then carries nothing else."
    _environment(parser)
    parser.add_argument("--json", metavar="FILE", help="write the plan for programs")
    parser.add_argument("--html", metavar="FILE", help="write the plan as one self-contained page")
    parser.add_argument("--markdown", metavar="FILE", help="write the plan for a pull request's comment")
    parser.add_argument(
        "--since", type=Path, metavar="FILE", help="compare with an earlier plan (--json): what is made anew, and why"
    )
    parser.add_argument("--full", action="store_true", help="show every resource and finding in the terminal")
    parser.set_defaults(run=_run_plan)


def _render(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write Kubernetes manifests, Helm values, Triton model repositories and Prometheus rules. What only the cloud "
        "knows is a named placeholder, explained in the README.md beside them."
    )
    _environment(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder, or an earlier render")
    parser.set_defaults(run=_run_render)


def _environment_of_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--env", metavar="ENV", help="name of the environment, or its folder; default: the only one")
    parser.add_argument("--stacks", type=Path, metavar="DIR", help="folder of the environments; default: stacks")


def _answer_seconds(parser: argparse.ArgumentParser, default: float = 10.0) -> None:
    parser.add_argument(
        "--answer-seconds",
        type=_number(0.1, 3600),
        default=default,
        metavar="N",
        help=f"deadline of one answer; default: {default:g}",
    )


def _header_env(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--header-env", action="append", default=[], metavar="NAME=VARIABLE", help="header from an environment variable"
    )


def _try(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Serve a model by the real Triton server with the repository that would be deployed; test its answers, load it "
        "at the objective's rate and compare with the prediction. What this machine lacks is substituted, and said."
    )
    parser.epilog = (
        "Exit codes: 0 it works and keeps its objective (or has none, or it cannot be judged here), 1 invalid input or "
        "the server cannot serve it, 3 an answer is wrong or missing, or the objective is missed here. FILE of --json "
        "and --html may be - for standard output."
    )
    number, port = _number(0, 1e7), _whole(1, 65535)
    parser.add_argument(
        "model", metavar="MODEL", help="a model of the environment, or a folder with model.yaml (./fraud)"
    )
    _environment_of_model(parser)
    parser.add_argument(
        "--release", metavar="YY.MM", help="Triton release that a folder is meant for; default: the newest"
    )
    parser.add_argument(
        "--runtime",
        choices=("triton", "mlserver", "kserve", "torchserve"),
        default="triton",
        help="server that is started; the others take one XGBoost model and are asked whether they answer",
    )
    parser.add_argument("--stage", metavar="NAME", help="one model of an ensemble, by itself")
    parser.add_argument("--seconds", type=_number(0.1, 86400), default=10.0, help="length of the load; default: 10")
    parser.add_argument("--rate", type=number, metavar="R", help="requests per second; default: the objective's")
    parser.add_argument(
        "--profile",
        nargs="?",
        const="",
        metavar="FILE",
        help="measure a profile; default file: profile.json of the model",
    )
    parser.add_argument(
        "--profile-seconds", type=_number(0.1, 86400), default=60.0, metavar="N", help="budget of it; default: 60"
    )
    parser.add_argument("--accelerator", metavar="NAME", help="on which a server elsewhere runs, for the profile (L4)")
    parser.add_argument("--json", metavar="FILE", help="write the result for programs")
    parser.add_argument("--html", metavar="FILE", help="write the result as one self-contained page")
    parser.add_argument("--server", metavar="URL", help="a server that runs elsewhere, over HTTP; none is started")
    parser.add_argument("--grpc-server", metavar="HOST:PORT", help="its gRPC address; grpcs://HOST:PORT with TLS")
    parser.add_argument("--metrics", metavar="URL", help="its metrics, such as http://host:8002/metrics")
    _header_env(parser)
    parser.add_argument(
        "--http-port", type=port, default=0, metavar="N", help="of the started server; default: any free"
    )
    parser.add_argument("--grpc-port", type=port, default=0, metavar="N")
    parser.add_argument("--metrics-port", type=port, default=0, metavar="N")
    parser.add_argument(
        "--start-seconds",
        type=_number(0.1, 86400),
        default=120.0,
        metavar="N",
        help="deadline for readiness; default: 120",
    )
    _answer_seconds(parser)
    parser.add_argument("--keep-log", metavar="FILE", help="keep the server's log")
    parser.add_argument("--quiet", action="store_true", help="no progress, and only the conclusion")
    parser.set_defaults(run=_run_try)


def _smoke(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Ask a model where it is deployed, at a cluster's gateway, SageMaker, Vertex AI or Azure ML, the requests of "
        "its golden.json and compare the answers; without one, requests are made up and only names, types and shapes "
        "are compared. In every region and cluster, unless some are named. MODELYARD_ENDPOINT_TOKEN holds a token."
    )
    parser.epilog = (
        "Exit codes: 0 every answer is right, 1 invalid input or no answer, 3 an answer is wrong. FILE of --json may "
        "be - for standard output."
    )
    parser.add_argument(
        "model", metavar="MODEL", help="a model of the environment, or a folder with model.yaml (./fraud)"
    )
    _environment_of_model(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--outputs", metavar="FILE", help="what 'pulumi stack output --json' of its department's stack prints, or -"
    )
    where.add_argument("--url", metavar="URL", help="address of a server or gateway in place of outputs")
    parser.add_argument(
        "--region", action="append", default=[], metavar="NAME", help="a region or cluster; default: all of them"
    )
    parser.add_argument(
        "--variant", metavar="NAME", help="who answers, past the weights: v3, or stable or canary at a gateway"
    )
    parser.add_argument(
        "--requests", type=_whole(1, 10_000), metavar="N", help="in each place, in turn; default: each case once"
    )
    parser.add_argument(
        "--protocol",
        choices=("json", "binary", "grpc"),
        default="json",
        help="default: json, and binary tensors for FP16 and BF16; grpc: at a gateway or server",
    )
    _header_env(parser)
    _answer_seconds(parser, 30.0)
    parser.add_argument(
        "--wait-seconds",
        type=_number(0.1, 86400),
        default=900.0,
        metavar="N",
        help="deadline of an answer that SageMaker puts into S3; default: 900",
    )
    parser.add_argument("--upload-to", metavar="s3://...", help="where requests to such an endpoint are put")
    parser.add_argument("--json", metavar="FILE", help="write the answers for programs")
    parser.add_argument("--quiet", action="store_true", help="no progress, and only the conclusion")
    parser.set_defaults(run=_run_smoke)


def _rollout(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Ask the gates of a model's canary at Prometheus, and say what is right now: the next share, none, the end of "
        "the rollout, or patience. --write changes the department's file so; no cluster is touched, pulumi up is."
    )
    parser.epilog = (
        "Exit codes: 0 the gates pass and the next step is right, 1 invalid input or no answer (nothing is written), "
        "2 a gate fails, 3 not yet: too little is measured, or the share is not held for long enough. FILE may be - "
        "for standard output."
    )
    parser.add_argument("model", metavar="MODEL", help="a model of the environment, with rollout.canary")
    _environment_of_model(parser)
    parser.add_argument(
        "--prometheus",
        action="append",
        required=True,
        metavar="[CLUSTER=]URL",
        help="address of the cluster's Prometheus; once for each cluster that serves the model",
    )
    parser.add_argument("--token-env", metavar="VARIABLE", help="environment variable with a token for Prometheus")
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="certificates (PEM) that Prometheus' is signed by")
    _answer_seconds(parser)
    parser.add_argument("--begin", action="store_true", help="give a canary at 0 %% its first share")
    parser.add_argument("--write", action="store_true", help="change the department's file as decided")
    parser.add_argument(
        "--wait",
        type=_number(0.001, 100_000),
        metavar="MINUTES",
        help="ask again until there is something to do, at most for so long",
    )
    parser.add_argument("--json", metavar="FILE", help="write the judgement for programs")
    parser.add_argument("--full", action="store_true", help="show every gate's query in the terminal")
    parser.add_argument("--quiet", action="store_true", help="only the conclusion")
    parser.set_defaults(run=_run_rollout)


def _number(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not (least <= value <= most and value > 0):
            raise argparse.ArgumentTypeError(f"{text} is not a number above {least:g} and up to {most:g}")
        return value

    return number


def _whole(least: int, most: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        if not (text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text} is not a whole number from {least} to {most}")
        return int(text)

    return whole


def _catalog(parser: _Parser) -> None:
    from .catalog_arguments import declare

    declare(parser)
    parser.intermixed = True
    parser.set_defaults(run=_run_catalog)


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.description = "Print the JSON Schema of platform.yaml, of a department's file, or of a model's model.yaml."
    parser.add_argument("file", nargs="?", choices=("platform", "department", "model"), default="platform")
    parser.set_defaults(run=_run_schema)


def _run_plan(arguments: argparse.Namespace) -> int:
    from .plan_command import run

    return run(arguments)


def _run_render(arguments: argparse.Namespace) -> int:
    from .render_command import run

    return run(arguments)


def _run_try(arguments: argparse.Namespace) -> int:
    from .try_command import run

    return run(arguments)


def _run_smoke(arguments: argparse.Namespace) -> int:
    from .smoke_command import run

    return run(arguments)


def _run_rollout(arguments: argparse.Namespace) -> int:
    from .rollout_command import run

    return run(arguments)


def _run_catalog(arguments: argparse.Namespace) -> int:
    from .catalog_command import run

    return run(arguments)


def _run_schema(arguments: argparse.Namespace) -> int:
    from .schema_command import run

    return run(arguments)


class _Version(argparse.Action):
    """Looked up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from ..review.version import version

        print(f"modelyard {version()}")
        parser.exit()
