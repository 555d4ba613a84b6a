"""``pulumi up``, ``pulumi stack output --json``, ``modelyard smoke``: the outputs of the real engine name who is asked.

The clouds are simulated, so a service on loopback takes each address's place, before a real Triton.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import modelyard
import pytest
from modelyard.serving.client import Endpoint
from modelyard.trial.packages import CannotInstall
from modelyard.trial.server_home import server_home
from servers.cloud_service import cloud_service
from servers.sentiment_example import EXAMPLE, served

from .real_engine import REPO, Engine

pytestmark = [
    pytest.mark.engine,
    pytest.mark.servers,
    pytest.mark.whole,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
INFER = "/v2/models/sentiment/infer"
HOSTS = {
    "sagemaker": "runtime.sagemaker.us-east-1.amazonaws.com",
    "azureml": "sentiment-support-azureml.westeurope.inference.ml.azure.com",
    "kubernetes": "sentiment.main.northwind.example",
}
NOBODY = {
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MODELYARD_ENDPOINT_TOKEN"), "of-nobody"),
    "PYTHONPATH": str(Path(modelyard.__file__).parents[1]),
}


@pytest.fixture(scope="module")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        home = server_home(REPO / ".cache")
    except CannotInstall as error:
        pytest.skip(f"no Triton server to test against: {error}")
    with served(home, tmp_path_factory.mktemp("sentiment") / "models") as url:
        yield url


@pytest.mark.parametrize("target", sorted(HOSTS))
def test_what_is_deployed_is_asked_by_its_outputs(engine: Engine, triton: str, target: str) -> None:
    project = engine.project(EXAMPLE)
    project.up(target)
    outputs: dict[str, Any] = json.loads(project.run("stack", "output", "--json", "--stack", target).stdout)
    (endpoint,) = Endpoint.places(outputs, "sentiment").values()
    assert (endpoint.target, endpoint.host) == (target, HOSTS[target])
    address = urlsplit(endpoint.url)
    takes = address.path if target == "sagemaker" else INFER
    with cloud_service(takes, f"{triton}{INFER}") as service:
        given = json.dumps(outputs).replace(f"https://{address.netloc}", service)
        done = subprocess.run(
            [sys.executable, "-m", "modelyard.cli", "smoke", "sentiment", "--env", target, "--outputs", "-", "--quiet"],
            cwd=project.folder,
            env={**os.environ, **NOBODY},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
    (where,) = Endpoint.places(outputs, "sentiment")
    assert (done.returncode, done.stdout) == (0, f"sentiment: every answer is right (6 in {where}).\n"), done.stderr
