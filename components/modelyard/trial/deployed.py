"""Asks a model where it is deployed what is known of it: the minute after ``pulumi up``.

With ``golden.json`` its cases are asked, and answers compared with what it says. Without one, requests are made up, and
answers are compared with the configuration alone: names, data types and shapes of the outputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median

from ..repository.protobuf import ModelConfig
from ..serving.client import Answer, Client, NotAnswered, Refused, Tensor
from ..serving.client.binary_tensors import pack, unpack
from .golden import Golden, GoldenCase, compare, golden_request, named_case
from .requests import SampleRequest, samples
from .smoke import unlike_configured
from .tensor import array_of, dtype_name

RIGHT, UNANSWERED, WRONG = 0, 1, 3


class CannotSmoke(Exception):
    """A model that is not asked by single requests. ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and what is known of its answer."""

    name: str
    """Of the golden case; ``8 rows, made up``."""
    request: SampleRequest
    case: GoldenCase | None
    """None: it is made up."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one request."""

    question: str
    wrong: str | None
    """What was expected and what came; None: the answer is right, or there is none."""
    unanswered: str | None = None
    """Why there is no answer: of the request, or of an earlier one after which this place was asked no more."""
    served_by: str | None = None
    """Version or side, where the target says it."""
    latency_ms: float | None = None
    """Of the whole request, over the network."""

    @property
    def is_right(self) -> bool:
        return self.wrong is None and self.unanswered is None


@dataclass(frozen=True, slots=True)
class Place:
    """One region or cluster."""

    where: str
    """Empty where an address was given."""
    target: str
    url: str
    asked: tuple[Asked, ...]

    @property
    def served_by(self) -> dict[str, int]:
        """Answers by who gave them, where the target says it."""
        found: dict[str, int] = {}
        for each in self.asked:
            if each.served_by is not None:
                found[each.served_by] = found.get(each.served_by, 0) + 1
        return found

    @property
    def median_ms(self) -> float | None:
        """None: nothing was answered."""
        answered = [each.latency_ms for each in self.asked if each.latency_ms is not None]
        return median(answered) if answered else None


@dataclass(frozen=True, slots=True)
class SmokeOfDeployed:
    """What a deployed model answered, place by place."""

    model: str
    environment: str | None
    is_known: bool
    """Whether answers were compared with golden.json; otherwise with the configuration alone."""
    places: tuple[Place, ...]

    @property
    def wrong(self) -> int:
        return sum(each.wrong is not None for place in self.places for each in place.asked)

    @property
    def unanswered(self) -> int:
        return sum(each.unanswered is not None for place in self.places for each in place.asked)

    @property
    def exit_code(self) -> int:
        """0: every answer is right. 3: one is wrong. 1: there is no answer."""
        return WRONG if self.wrong else UNANSWERED if self.unanswered else RIGHT

    @property
    def conclusion(self) -> str:
        """A sentence, without its full stop."""
        total = sum(len(place.asked) for place in self.places)
        where = " and ".join(place.where or place.url for place in self.places)
        if self.exit_code == RIGHT:
            known = "right" if self.is_known else "shaped as configured, and nothing says what it should be"
            return f"{self.model}: every answer is {known} ({total} in {where})"
        parts = [f"{self.wrong} wrong"] * bool(self.wrong) + [f"{self.unanswered} without an answer"] * bool(
            self.unanswered
        )
        return f"{self.model}: of {total} requests in {where}, {' and '.join(parts)}"


def questions(config: ModelConfig, golden: Golden | None, count: int | None = None) -> tuple[Question, ...]:
    """What is asked.

    Args:
        config: of the model that callers name.
        golden: known answers; None: one row and the largest batch are made up.
        count: how many; they are taken in turn. Default: each once.

    Raises:
        CannotSmoke: the model holds a state, or answers in a stream.
        NoSample: no request can be made up.
    """
    if config.WhichOneof("scheduling_choice") == "sequence_batching":
        raise CannotSmoke(
            f"model {config.name!r} takes sequences, of which a single request is no part; ask it by code"
        )
    if config.model_transaction_policy.decoupled:
        raise CannotSmoke(f"model {config.name!r} answers in a stream, which the client does not read; ask it by code")
    if golden is not None:
        each = [
            Question(named_case(case, number), golden_request(config, case), case)
            for number, case in enumerate(golden.cases)
        ]
    else:
        each = [
            Question(f"{rows} row{'s' * (rows > 1)}, made up", samples(config, count=1, rows=rows)[0], None)
            for rows in sorted({1, max(config.max_batch_size, 1)})
        ]
    return tuple(each if count is None else islice(cycle(each), count))


def ask_place(
    where: str,
    client: Client,
    config: ModelConfig,
    asked: Sequence[Question],
    *,
    variant: str | None = None,
    binary: bool | None = None,
) -> Place:
    """Asks one region or cluster. Who is not reached, or takes no request at all, is not asked a second time."""
    dtypes = [dtype_name(each.data_type) for each in (*config.input, *config.output)]
    if binary is None and any(each in ("FP16", "BF16") for each in dtypes):
        binary = True
    found = tuple(_asked(client, config, asked, variant, binary))
    return Place(where, client.endpoint.target, client.endpoint.url, found)


def _asked(
    client: Client, config: ModelConfig, asked: Sequence[Question], variant: str | None, binary: bool | None
) -> Iterator[Asked]:
    gone: str | None = None
    for question in asked:
        if gone is not None:
            yield Asked(question.name, None, gone)
            continue
        try:
            answer = client.infer(_tensors(question.request), variant=variant, binary=binary)
            wrong = _wrong(question, config, answer)
        except NotAnswered as error:
            if not isinstance(error, Refused):
                gone = str(error)
            yield Asked(question.name, None, str(error))
        else:
            yield Asked(question.name, wrong, None, answer.reply.served_by, answer.reply.latency_ms)


def _tensors(request: SampleRequest) -> list[Tensor]:
    return [unpack(each.name, each.dtype, each.shape, each.content) for each in request.tensors]


def _wrong(question: Question, config: ModelConfig, answer: Answer) -> str | None:
    """What is wrong with the answer. Raises CannotAsk for values that their own data type does not hold."""
    got = {
        name: (each.datatype, array_of(each.datatype, each.shape, pack(each))) for name, each in answer.outputs.items()
    }
    if question.case is None:
        return unlike_configured(got, config, question.request)
    dtypes = {each.name: dtype_name(each.data_type) for each in config.output}
    for name, expected in question.case.outputs.items():
        if name not in got:
            return f"output {name!r} is missing; there are {', '.join(got) or 'none'}"
        dtype, array = got[name]
        if dtype != dtypes[name]:
            return f"output {name!r}: expected {dtypes[name]}, got {dtype}"
        mismatch = compare(question.name, name, dtype, expected.array(dtype), array, question.case.tolerance)
        if mismatch is not None:
            return mismatch.what
    return None
