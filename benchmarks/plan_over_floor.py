"""CPU time and peak memory of ``modelyard plan prod`` over the floor, and the marginal CPU of a resource.

``python benchmarks/plan_over_floor.py [--runs N] [--sizes 100,1000,10000]``

The floor (``floor.py``) is a bare script that imports the same SDK submodules and registers the same resources
against a monitor that does nothing. Both run as whole processes, alternately; figures are medians of the operating
system's own accounting. For the marginal figures an environment grows by models (ten resources each): CPU time
beyond that of the smallest environment, divided by the resources beyond it, ours over the floor's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grown_environment import grow

REPO = Path(__file__).resolve().parents[1]
FLOOR = REPO / "benchmarks" / "floor.py"


@dataclass(frozen=True)
class Cost:
    """What one process used."""

    cpu_seconds: float
    peak_mib: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Modelyard's plan over a bare script")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", default="100,1000,10000", help="resources beyond the smallest environment")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole_plan(Path(folder), arguments.runs)
        marginal(Path(folder), [int(size) for size in arguments.sizes.split(",")], arguments.runs)


def whole_plan(folder: Path, runs: int) -> None:
    document = folder / "prod.json"
    plan(REPO / "stacks", "prod", ["--json", str(document)])
    ours, floor = [], []
    for _ in range(runs):
        ours.append(plan(REPO / "stacks", "prod"))
        floor.append(bare(document))
    resources = len(json.loads(document.read_text())["resources"])
    print(f"modelyard plan prod, {resources} resources, {runs} runs each, medians")
    report("CPU seconds", [each.cpu_seconds for each in ours], [each.cpu_seconds for each in floor])
    report("peak MiB", [each.peak_mib for each in ours], [each.peak_mib for each in floor])


def marginal(folder: Path, sizes: list[int], runs: int) -> None:
    base = measured(folder, 1, runs)
    print("marginal CPU of a resource, ours over the floor's")
    for size in sizes:
        grown = measured(folder, 1 + max(size // 10, 1), runs if size <= 1000 else 1)
        beyond = grown.resources - base.resources
        ours = (grown.ours - base.ours) / beyond * 1000
        floor = (grown.floor - base.floor) / beyond * 1000
        print(f"  {beyond:>6} resources: ours {ours:.2f} ms, floor {floor:.2f} ms, ratio {ours / floor:.2f}")


@dataclass(frozen=True)
class Measured:
    resources: int
    ours: float
    floor: float


def measured(folder: Path, models: int, runs: int) -> Measured:
    stacks = grow(REPO / "stacks", folder / f"models-{models}", models)
    document = folder / f"models-{models}.json"
    plan(stacks, "grown", ["--json", str(document)])
    ours, floor = [], []
    for _ in range(runs):
        ours.append(plan(stacks, "grown").cpu_seconds)
        floor.append(bare(document).cpu_seconds)
    resources = len(json.loads(document.read_text())["resources"])
    return Measured(resources, statistics.median(ours), statistics.median(floor))


def report(what: str, ours: list[float], floor: list[float]) -> None:
    mine, bare_script = statistics.median(ours), statistics.median(floor)
    print(f"  {what}: ours {mine:.2f}, floor {bare_script:.2f}, ratio {mine / bare_script:.2f}")


def plan(stacks: Path, environment: str, more: list[str] | None = None) -> Cost:
    command = [sys.executable, "-m", "modelyard.cli", "plan", environment, "--stacks", str(stacks), *(more or [])]
    return process(command, allowed=(0, 2))


def bare(document: Path) -> Cost:
    return process([sys.executable, str(FLOOR), str(document)], allowed=(0,))


def process(command: list[str], *, allowed: tuple[int, ...]) -> Cost:
    paths = os.pathsep.join([str(REPO / "components"), str(REPO / "policies")])
    environment = {**os.environ, "PYTHONPATH": paths}
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    assert started.stderr is not None
    said = started.stderr.read()
    _, status, usage = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode not in allowed:
        sys.exit(f"{' '.join(command)} exited with {started.returncode}: {said.decode()[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
