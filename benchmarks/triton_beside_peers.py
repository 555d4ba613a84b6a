"""Triton beside MLServer and KServe's Python server: the same XGBoost model, the same rows, the same client.

``python benchmarks/triton_beside_peers.py [--quick] [--json FILE]``

Every server is sent the same bytes: one row a request as JSON over HTTP (the Open Inference Protocol), by callers that
send the next when the last is answered. Triton is measured with binary tensors as well, which MLServer refuses over
HTTP. Each server has xgboost 3.2.0 with one thread; in Triton it stands in for FIL in a Python backend, so Triton's
own backend is not what is measured. MLServer runs as it comes and with its adaptive batching. Each has an environment
of its own below ``.cache``, made on the first run.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from fraud_ensemble import EXAMPLE, JsonRequest, classifier, features, generated, served
from interleaved import Run, Subject, document, figure, interleaved, ratio
from modelyard.trial import runtime_kserve, runtime_mlserver
from modelyard.trial.requests import SampleRequest, SampleTensor
from modelyard.trial.runtime import RuntimeModel
from modelyard.trial.runtime_process import launched
from rich.console import Console
from rich.table import Table

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "peers"
MODEL = EXAMPLE / "models" / "fraud" / "classifier" / "1" / "xgboost.json"
CONCURRENCIES = (1, 8, 32)
TRITON, BINARY = "Triton", "Triton, binary tensors"
MLSERVER, BATCHING, KSERVE = "MLServer", "MLServer, adaptive batching", "KServe"


def main() -> None:
    parser = argparse.ArgumentParser(description="Triton beside MLServer and KServe's Python server")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 second instead of 7 of 3")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run")
    arguments = parser.parse_args()
    rounds, seconds = (2, 1.0) if arguments.quick else (7, 3.0)
    rows = features()
    requests = [JsonRequest(row) for row in rows]
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        triton = servers.enter_context(served(classifier(generated()), folder, TRITON, requests))
        subjects = [
            triton,
            Subject(BINARY, triton.address, triton.model, binary(rows), triton.stages),
            servers.enter_context(mlserver(MLSERVER, requests, {})),
            servers.enter_context(mlserver(BATCHING, requests, {"max_batch_size": 64, "max_batch_time": 0.001})),
            servers.enter_context(kserve(requests)),
        ]
        compare_answers(subjects, requests[:20])
        runs = interleaved(subjects, CONCURRENCIES, rounds=rounds, seconds=seconds)
    show(runs, [subject.name for subject in subjects])
    if arguments.json is not None:
        about = {"benchmark": "triton beside peers", "rounds": rounds, "seconds": seconds}
        arguments.json.write_text(json.dumps(document(runs, about), indent=1) + "\n", encoding="utf-8")


def show(runs: list[Run], names: Sequence[str]) -> None:
    table = Table(title="The same XGBoost model: medians, and Triton's over each", title_justify="left")
    for column in ("callers", "server", "answers/s", "Triton's over it", "p99 ms", "Triton's over it", "CPU ms"):
        table.add_column(column, justify="left" if column == "server" else "right")
    for callers in CONCURRENCIES:
        for name in names:
            row = [str(callers) if name == names[0] else "", name]
            for field, digits in (("throughput", 0), ("p99_ms", 1)):
                row.append(f"{figure(runs, name, callers, field).median:,.{digits}f}")
                row.append("" if name == TRITON else ratio(runs, TRITON, name, callers, field).text(2))
            table.add_row(*row, f"{figure(runs, name, callers, 'cpu_ms').median:.2f}")
        table.add_section()
    Console(width=max(Console().width, 120)).print(table)


def binary(rows: Any) -> tuple[SampleRequest, ...]:
    return tuple(
        SampleRequest(rows=1, tensors=(SampleTensor("input__0", "FP32", (1, row.size), row.tobytes()),)) for row in rows
    )


@contextmanager
def mlserver(name: str, requests: Sequence[Any], more: dict[str, Any]) -> Iterator[Subject]:
    """MLServer as it comes, but for its addresses; ``more`` are settings of the model."""
    with launched(runtime_mlserver.prepared(runtime_mlserver.home(CACHE), classifier_model(), more)) as address:
        yield Subject(name, address, "classifier", tuple(requests))


@contextmanager
def kserve(requests: Sequence[Any]) -> Iterator[Subject]:
    """KServe's Python server with the predictor of ``modelyard try --runtime kserve``."""
    with launched(runtime_kserve.prepared(runtime_kserve.home(CACHE), classifier_model())) as address:
        yield Subject(KSERVE, address, "classifier", tuple(requests))


def classifier_model() -> RuntimeModel:
    return RuntimeModel("classifier", classifier(generated()).models[0].config, MODEL)


def compare_answers(subjects: Sequence[Subject], requests: Sequence[JsonRequest]) -> None:
    """Servers that answer differently are not compared."""
    for request in requests:
        scores = {subject.name: answered(subject, request) for subject in subjects if subject.name != BINARY}
        if max(scores.values()) - min(scores.values()) > 1e-6:
            sys.exit(f"the servers disagree: {scores}")


def answered(subject: Subject, request: JsonRequest) -> float:
    head, _, body = request.http(subject.address, subject.model).partition(b"\r\n\r\n")
    url = f"{subject.address.http}{head.split()[1].decode()}"
    with urlopen(Request(url, data=body, headers={"Content-Type": "application/json"}), timeout=30) as answer:
        return float(json.loads(answer.read())["outputs"][0]["data"][0])


if __name__ == "__main__":
    main()
