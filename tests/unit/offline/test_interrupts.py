"""Ctrl-C while a program runs."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pulumi
import pytest

from .programs import output, repository, run_program


@pytest.fixture(autouse=True)
def _as_in_a_terminal() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _interrupted() -> None:
    """In the middle of a step of the loop, with more resources still to be registered."""
    first = repository("first")
    output(first, "repositoryUrl").apply(lambda _url: signal.raise_signal(signal.SIGINT))
    for number in range(20):
        repository(f"after-{number}", opts=pulumi.ResourceOptions(depends_on=[first]))


def test_an_interrupt_ends_the_run_whatever_it_hits() -> None:
    with pytest.raises(KeyboardInterrupt):
        run_program(_interrupted, mode="up")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_next_run_begins_afresh() -> None:
    with pytest.raises(KeyboardInterrupt):
        run_program(_interrupted, mode="up")
    run = run_program(lambda: pulumi.export("url", output(repository("images"), "repositoryUrl")), mode="up")
    assert "images" in run.outputs["url"]


def test_a_second_interrupt_does_not_wait_for_a_program_that_hangs() -> None:
    reached: list[str] = []

    def hangs() -> None:
        signal.raise_signal(signal.SIGINT)
        reached.append("after the first")
        signal.raise_signal(signal.SIGINT)
        reached.append("after the second")

    with pytest.raises(KeyboardInterrupt):
        run_program(hangs)
    assert reached == ["after the first"]
