"""``modelyard smoke`` after a deployment: the sentiment example's outputs, and a real Triton in the services' place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import modelyard
import pytest
from modelyard.serving.client import Client, Endpoint, Tensor
from modelyard.trial.server import serve
from modelyard.trial.server_home import ServerHome

from .cloud_service import cloud_service
from .sentiment_example import EXAMPLE, written

pytestmark = pytest.mark.servers
CASES = json.loads((EXAMPLE / "models" / "sentiment" / "golden.json").read_text())["cases"]

NOWHERE = "http://127.0.0.1:9"
INFER = "/v2/models/sentiment/infer"
SERVICES = {
    "sagemaker": ("/endpoints/e/invocations", "x-Amzn-Invoked-Production-Variant", "v1"),
    "vertex": ("/v1/projects/p/locations/r/endpoints/1:rawPredict", "X-Vertex-AI-Deployed-Model-Id", "77"),
    "azureml": ("/score", "azureml-model-deployment", "v1"),
}
"""Path of the service, and the header by which it names who answers."""
NOBODY = {
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GOOGLE_OAUTH_ACCESS_TOKEN"), "of-nobody"),
    "MODELYARD_ENDPOINT_TOKEN": "of-nobody",
    "COLUMNS": "200",
    "PYTHONPATH": str(Path(modelyard.__file__).parents[1]),
}


def outputs(url: str, *clusters: str) -> str:
    """Of a stack, as it prints them."""
    return json.dumps({"models": {"sentiment": dict.fromkeys(clusters, url)}})


@pytest.fixture(scope="module")
def urls(triton_home: ServerHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Addresses over HTTP and gRPC."""
    folder = tmp_path_factory.mktemp("sentiment") / "models"
    written(folder)
    with serve(triton_home, folder) as server:
        yield f"http://{server.http_url}", f"http://127.0.0.1:{server.ports.grpc}"


def smoke(*arguments: str, folder: Path = EXAMPLE, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modelyard.cli", "smoke", *arguments],
        cwd=folder,
        env={**os.environ, **NOBODY},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("protocol", ["json", "binary", "grpc"])
def test_every_golden_answer_is_right_however_it_is_asked(urls: tuple[str, str], protocol: str) -> None:
    url = urls[1] if protocol == "grpc" else urls[0]
    done = smoke("sentiment", "--env", "kubernetes", "--url", url, "--protocol", protocol, "--json", "-")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["compared"] == "golden.json"
    assert [each["right"] for each in said["places"][0]["requests"]] == [True] * len(CASES)
    assert all(each["latency_ms"] > 0 for each in said["places"][0]["requests"])


def test_scores_are_the_same_to_the_bit_as_bytes_and_over_grpc(urls: tuple[str, str]) -> None:
    texts = [Tensor.of("text", "BYTES", [row for case in CASES for row in case["inputs"]["text"]["data"]])]
    asked, grpc = (
        Client(Endpoint.at(urls[0], "sentiment")),
        Client(Endpoint.at(urls[1], "sentiment"), protocol="grpc"),
    )
    as_bytes = asked.infer(texts, binary=True)
    assert as_bytes.outputs == grpc.infer(texts).outputs
    as_json = asked.infer(texts)
    assert as_json["label"] == as_bytes["label"]
    assert as_json["score"] == pytest.approx(as_bytes["score"], rel=1e-6)
    grpc.close()


def test_every_cluster_is_asked_unless_one_is_named(urls: tuple[str, str]) -> None:
    given = outputs(urls[0], "main", "west")
    done = smoke("sentiment", "--env", "kubernetes", "--outputs", "-", given=given)
    assert done.returncode == 0, done.stderr
    assert f"sentiment at a gateway in main: {urls[0]}\n" in done.stdout
    assert f"sentiment at a gateway in west: {urls[0]}\n" in done.stdout
    assert done.stdout.splitlines()[-1] == f"sentiment: every answer is right ({2 * len(CASES)} in main and west)."
    arguments = ("--outputs", "-", "--region", "west", "--requests", "8", "--quiet")
    done = smoke("sentiment", "--env", "kubernetes", *arguments, given=given)
    assert (done.returncode, done.stdout) == (0, "sentiment: every answer is right (8 in west).\n")


def test_a_wrong_answer_is_named(urls: tuple[str, str], tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "models" / "sentiment", tmp_path / "sentiment")
    golden = tmp_path / "sentiment" / "golden.json"
    golden.write_text(golden.read_text().replace('"negative"', '"positive"', 1))
    done = smoke("./sentiment", "--url", urls[0], folder=tmp_path)
    assert done.returncode == 3
    lines = done.stdout.splitlines()
    assert "'The worst service ever': output 'label'[0, 0]: expected 'positive', got 'negative'" in lines
    assert lines[-1] == f"sentiment: of {len(CASES)} requests in {urls[0]}, 1 wrong."


def test_without_known_answers_shapes_are_compared_and_that_is_said(urls: tuple[str, str], tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "models" / "sentiment", tmp_path / "sentiment")
    (tmp_path / "sentiment" / "golden.json").unlink()
    done = smoke("./sentiment", "--url", urls[0], folder=tmp_path)
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert lines[0] == "Notice: there is no golden.json, so requests are made up and values are not compared"
    assert [line.split("  ")[0] for line in lines[3:5]] == ["1 row, made up", "32 rows, made up"]
    declared = tmp_path / "sentiment" / "model.yaml"
    declared.write_text(declared.read_text().replace("name: score, dtype: FP32", "name: score, dtype: FP64"))
    done = smoke("./sentiment", "--url", urls[0], folder=tmp_path)
    assert done.returncode == 3
    assert "1 row, made up: output 'score': expected FP64, got FP32" in done.stdout


@pytest.mark.parametrize("target", sorted(SERVICES))
def test_every_managed_target_of_the_example_is_asked_by_its_outputs(urls: tuple[str, str], target: str) -> None:
    path, header, served_by = SERVICES[target]
    asked = INFER if target == "azureml" else path
    with cloud_service(asked, f"{urls[0]}{INFER}", {header: served_by}) as service:
        said = {"target": target, "region": "eu-west-1", "model": "sentiment", "name": "e", "url": f"{service}{path}"}
        given = json.dumps({"models": {}, "endpoints": {"sentiment": {"eu-west-1": said}}})
        done = smoke("sentiment", "--env", target, "--outputs", "-", "--json", "-", given=given)
    assert done.returncode == 0, done.stderr + done.stdout
    (place,) = json.loads(done.stdout)["places"]
    assert (place["where"], place["served_by"]) == ("eu-west-1", {served_by: len(CASES)})


@pytest.mark.parametrize(
    ("arguments", "given", "sentence"),
    [
        (["sentiment", "--env", "kubernetes"], None,
         "one of the arguments --outputs --url is required; see 'modelyard smoke --help'"),
        (["sentimnt", "--env", "kubernetes", "--url", NOWHERE], None,
         "'sentimnt' is not a model of the environment kubernetes; did you mean 'sentiment'? Allowed: sentiment"),
        (["sentiment", "--env", "kubernetes", "--outputs", "-"], "{}",
         "model 'sentiment' is not in the outputs of this stack, which names none; is it the stack of the model's "
         "department?"),
        (["sentiment", "--env", "kubernetes", "--outputs", "-"], "no json",
         "--outputs -: standard input is not JSON; write it with 'pulumi stack output --json'"),
        (["sentiment", "--env", "kubernetes", "--outputs", "-"], "[]",
         "--outputs -: standard input does not hold an object of outputs"),
        (["sentiment", "--env", "kubernetes", "--outputs", "nowhere.json"], None,
         "--outputs nowhere.json: nowhere.json cannot be read: no such file or directory"),
        (["sentiment", "--env", "kubernetes", "--outputs", "-", "--region", "wets"], outputs(NOWHERE, "west"),
         "--region: 'wets' is not a region or cluster of sentiment; did you mean 'west'? Allowed: west"),
        (["sentiment", "--env", "kubernetes", "--url", NOWHERE, "--region", "west"], None,
         "--region: is about --outputs; an address is one place, so leave it out"),
        (["sentiment", "--env", "sagemaker", "--protocol", "grpc", "--url",
          "https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/a/invocations"], None,
         "SageMaker is asked over HTTP; leave protocol out"),
        (["sentiment", "--env", "kubernetes", "--url", NOWHERE, "--requests", "0"], None,
         "argument --requests: 0 is not a whole number from 1 to 10000; see 'modelyard smoke --help'"),
        (["sentiment", "--env", "kubernetes", "--url", NOWHERE, "--json",
          "stacks/kubernetes/departments/support.yaml"], None,
         "--json stacks/kubernetes/departments/support.yaml: a document never replaces what it is made from; name a "
         "file elsewhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_sentence(arguments: list[str], given: str | None, sentence: str) -> None:
    done = smoke(*arguments, given=given)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"modelyard: {sentence}\n")


def test_who_does_not_answer_is_named_once() -> None:
    done = smoke("sentiment", "--env", "kubernetes", "--url", NOWHERE)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-2:] == [
        "No answer: 127.0.0.1 is not reached (connection refused); check the address and the network",
        f"sentiment: of {len(CASES)} requests in {NOWHERE}, {len(CASES)} without an answer.",
    ]
    assert done.stdout.count("not reached") == 1
