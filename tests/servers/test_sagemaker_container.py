"""The artefact and variables of a SageMaker endpoint, at a real Triton that listens as SageMaker asks."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from modelyard.repository.repository import generated
from modelyard.serving.sagemaker.archive import archive
from modelyard.serving.sagemaker.container import environment
from modelyard.serving.sagemaker.endpoint_declaration import declaration

from .conftest import CONFIG, MODEL
from .network_namespace import NoNamespace, network_namespace
from .triton_server import TritonHome, fetch, free_ports

pytestmark = pytest.mark.servers

REQUEST = {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 1], "data": [21]}]}
OWNER = {"department": "toys", "cost_center": "CC-1", "environment": "prod", "owner": "toys@example.com"}


def told() -> dict[str, str]:
    """Variables of the component's container."""
    args: Any = {
        "model": "doubler",
        "region": "us-east-1",
        "artefact": "s3://models/doubler/model.tar.gz",
        "instance_type": "ml.m5.xlarge",
        "ownership": OWNER,
    }
    return environment(declaration("doubler", args))


@contextmanager
def started(home: TritonHome, repository: Path, variables: dict[str, str], log: Path) -> Iterator[int]:
    """The port of a server that is started as the image's ``serve`` starts it for one model."""
    (port,) = free_ports(1)
    command = [
        str(home.binary),
        f"--model-repository={repository}",
        f"--backend-directory={home.backends}",
        "--allow-sagemaker=true",
        f"--sagemaker-port={port}",
        "--allow-http=false",
        "--allow-grpc=false",
        "--allow-metrics=false",
        "--model-control-mode=explicit",
        "--model-namespacing=true",
        f"--load-model={variables['SAGEMAKER_TRITON_DEFAULT_MODEL_NAME']}",
    ]
    own = {
        "PATH": f"{home.python.parent}:{os.environ.get('PATH', os.defpath)}",
        "LD_LIBRARY_PATH": ":".join(map(str, home.libraries)),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(command, env={**own, **variables}, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield port
        finally:
            process.terminate()
            process.wait(timeout=60)


def ping(port: int, seconds: float = 60) -> int:
    """Status of ``/ping`` once something listens."""
    until = time.monotonic() + seconds
    while True:
        try:
            return fetch(f"http://127.0.0.1:{port}/ping")[0]
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def test_the_archive_is_served_and_the_named_model_answers(triton_home: TritonHome, tmp_path: Path) -> None:
    # A second folder, as an ensemble has: nothing but the variable says which one is asked.
    files = [
        generated(f"{model}/{path}", content)
        for model in ("doubler", "other")
        for path, content in (("config.pbtxt", CONFIG), ("1/model.py", MODEL))
    ]
    with tarfile.open(fileobj=io.BytesIO(archive(files)), mode="r:gz") as packed:
        packed.extractall(tmp_path / "model", filter="data")
    with ExitStack() as alone:
        try:
            # The server's port for SageMaker is on every interface, whatever it is told.
            alone.enter_context(network_namespace())
        except NoNamespace as error:
            pytest.skip(f"cannot keep the server on loopback: {error}")
        with started(triton_home, tmp_path / "model", told(), tmp_path / "log") as port:
            assert ping(port) == 200
            status, answer = fetch(f"http://127.0.0.1:{port}/invocations", json.dumps(REQUEST).encode())
    assert status == 200, answer
    answered = json.loads(answer)
    assert (answered["model_name"], answered["outputs"][0]["data"]) == ("doubler", [42.0])
