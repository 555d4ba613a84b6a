"""The generated configuration over Triton's defaults, on the fraud ensemble.

``python benchmarks/generated_over_default.py [--quick] [--json FILE]``

Three servers run side by side: the repository as Modelyard generates it; the same without dynamic batching and
without instance groups, which is what Triton does when nobody says anything; and a second copy of that one, whose
ratio to the first is the noise of this machine. FIL is substituted by xgboost in a Python backend in all three. One
transaction a request, over HTTP with binary tensors, callers that send the next when the last is answered.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from fraud_ensemble import defaults, generated, served, transactions
from interleaved import Figure, Run, document, figure, interleaved, ratio
from rich.console import Console
from rich.table import Table

GENERATED, DEFAULTS, AGAIN = "generated", "defaults", "defaults again"


def main() -> None:
    parser = argparse.ArgumentParser(description="The generated configuration over Triton's defaults")
    parser.add_argument("--quick", action="store_true", help="3 rounds of 1 second instead of 9 of 3")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run")
    parser.add_argument("--callers", default="1,8,32,64", help="at a time")
    arguments = parser.parse_args()
    rounds, seconds = (3, 1.0) if arguments.quick else (9, 3.0)
    callers = [int(each) for each in arguments.callers.split(",")]
    ours = generated()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        subjects = [
            servers.enter_context(served(repository, Path(folder), name, transactions()))
            for name, repository in ((GENERATED, ours), (DEFAULTS, defaults(ours)), (AGAIN, defaults(ours)))
        ]
        runs = interleaved(subjects, callers, rounds=rounds, seconds=seconds)
    show(runs, callers)
    if arguments.json is not None:
        about = {"benchmark": "generated over default", "rounds": rounds, "seconds": seconds}
        arguments.json.write_text(json.dumps(document(runs, about), indent=1) + "\n", encoding="utf-8")


def show(runs: list[Run], concurrencies: list[int]) -> None:
    console = Console(width=max(Console().width, 110))
    for title, name, digits in (("answers per second", "throughput", 0), ("p99, ms", "p99_ms", 1)):
        table = Table(title=f"{title}: medians, and ratios with their intervals", title_justify="left")
        for column in ("callers", GENERATED, DEFAULTS, "generated / defaults", "defaults again / defaults"):
            table.add_column(column, justify="right")
        for callers in concurrencies:
            medians = [f"{figure(runs, each, callers, name).median:,.{digits}f}" for each in (GENERATED, DEFAULTS)]
            ratios = [ratio(runs, each, DEFAULTS, callers, name).text(2) for each in (GENERATED, AGAIN)]
            table.add_row(str(callers), *medians, *ratios)
        console.print(table)
    table = Table(title="the server's processor time for an answer, and rows in an execution", title_justify="left")
    for column in ("callers", "generated, ms", "defaults, ms", *(f"rows in {stage}" for stage in stages(runs))):
        table.add_column(column, justify="right")
    for callers in concurrencies:
        cpu = [f"{figure(runs, each, callers, 'cpu_ms').median:.2f}" for each in (GENERATED, DEFAULTS)]
        of = [run.mean_batch for run in runs if run.subject == GENERATED and run.concurrency == callers]
        batches = [f"{median(each[stage] for each in of):.1f}" for stage in stages(runs)]
        table.add_row(str(callers), *cpu, *batches)
    console.print(table)
    for verdict in verdicts(runs, concurrencies):
        console.print(verdict, soft_wrap=True, highlight=False)


def stages(runs: list[Run]) -> list[str]:
    return list(runs[0].mean_batch)


def verdicts(runs: list[Run], concurrencies: list[int]) -> list[str]:
    """What is asked of the generated configuration, and whether this run shows it."""
    found: list[str] = []
    if 32 in concurrencies:
        throughput = ratio(runs, GENERATED, DEFAULTS, 32, "throughput")
        p99 = ratio(runs, GENERATED, DEFAULTS, 32, "p99_ms")
        found += [
            f"{_said(throughput.low >= 2)}: at 32 callers at least twice the throughput: {throughput.text(2)}",
            f"{_said(p99.high <= 1)}: at 32 callers a p99 no higher: {p99.text(2)}",
        ]
    if 1 in concurrencies:
        alone, noise = (ratio(runs, each, DEFAULTS, 1, "throughput") for each in (GENERATED, AGAIN))
        found.append(
            f"{_said(_overlap(alone, noise))}: one caller alone is served as fast, within the noise: {alone.text(2)}, "
            f"two servers with Triton's defaults: {noise.text(2)}"
        )
    return found


def _overlap(one: Figure, other: Figure) -> bool:
    return one.high >= other.low and other.high >= one.low


def _said(holds: bool) -> str:
    return "holds" if holds else "does not hold"


if __name__ == "__main__":
    main()
