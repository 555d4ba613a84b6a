"""``examples/fraud-ensemble`` as the benchmarks serve it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from interleaved import Subject
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.protobuf import new_config
from modelyard.repository.repository import Repository, RepositoryModel
from modelyard.repository.repository import generated as generated_file
from modelyard.repository.write import write
from modelyard.repository.written import config_text
from modelyard.trial.address import ServerAddress
from modelyard.trial.requests import SampleRequest, SampleTensor
from modelyard.trial.server import serve
from modelyard.trial.server_home import model_environment, server_home
from modelyard.trial.substitution import substituted

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "fraud-ensemble"
RELEASE = "26.07"
SEED = 20
ROWS = 400
XGBOOST = "xgboost-cpu==3.2.0"
"""In every server that is compared, also where it stands in for FIL."""

sys.path += [str(EXAMPLE / "training"), str(EXAMPLE / "models" / "fraud" / "preprocess" / "1")]


def generated() -> Repository:
    """As Modelyard generates it from the example's model.yaml."""
    declared = read(EXAMPLE / "models" / "fraud", "fraud", boundary=EXAMPLE)
    return build(declared, version=None, release=RELEASE)


def defaults(repository: Repository) -> Repository:
    """The same as Triton runs it when nobody says anything of batching and instances."""
    return replace(repository, models=tuple(_plain(model) for model in repository.models))


def classifier(repository: Repository) -> Repository:
    """The classifier alone."""
    return Repository("classifier", (repository.model("classifier"),))


@contextmanager
def served(repository: Repository, folder: Path, name: str, requests: Sequence[Any]) -> Iterator[Subject]:
    """A real server of it, until the block ends."""
    trial = substituted(repository, release=RELEASE, requirements={"classifier": (XGBOOST,)})
    interpreters = {model: model_environment(needs) for model, needs in trial.requirements.items()}
    written = folder / name.replace(" ", "-")
    write(trial.repository, written)
    with serve(server_home(), written, interpreters=interpreters) as server:
        address = ServerAddress(http=f"http://{server.http_url}", process_group=server.pid)
        yield Subject(name, address, repository.name, tuple(requests), repository.stages())


def transactions() -> tuple[SampleRequest, ...]:
    """One transaction a request."""
    from transactions import generate  # pyright: ignore[reportMissingImports]

    given = generate(ROWS, SEED)
    return tuple(
        SampleRequest(
            rows=1,
            tensors=(
                SampleTensor("measures", "FP32", (1, measures.size), measures.tobytes()),
                SampleTensor("codes", "INT64", (1, codes.size), codes.tobytes()),
            ),
        )
        for measures, codes in zip(given.measures, given.codes, strict=True)
    )


def features() -> Any:
    """Rows for the classifier alone, (rows, 21) FP32; none with a missing value, which JSON cannot say."""
    import numpy as np
    from features import Encoder  # pyright: ignore[reportMissingImports]
    from transactions import generate  # pyright: ignore[reportMissingImports]

    given = generate(ROWS, SEED)
    encoder = Encoder.read(EXAMPLE / "models" / "fraud" / "preprocess" / "1" / "encoding.json")
    rows = encoder.encode(given.measures, given.codes)
    return rows[np.isfinite(rows).all(axis=1)]


class JsonRequest:
    """One row as JSON over HTTP, which every server of the Open Inference Protocol takes."""

    rows = 1

    def __init__(self, row: Any) -> None:
        tensor = {"name": "input__0", "shape": [1, len(row)], "datatype": "FP32", "data": [float(x) for x in row]}
        self._body = json.dumps({"inputs": [tensor]}).encode()

    def http(self, address: ServerAddress, model: str, version: int | None = None) -> bytes:
        host = address.http.removeprefix("http://")
        head = (
            f"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self._body)}\r\n\r\n"
        )
        return head.encode() + self._body


def _plain(model: RepositoryModel) -> RepositoryModel:
    config = new_config()
    config.CopyFrom(model.config)
    config.ClearField("dynamic_batching")
    config.ClearField("instance_group")
    key = f"{model.name}/config.pbtxt"
    files = tuple(generated_file(key, config_text(config)) if file.key == key else file for file in model.files)
    return replace(model, config=config, files=files)
