"""A whole rollout by ``modelyard rollout``, under load, behind the real gateway: the command reads the real counters
and changes the declaration, the declaration is rendered and applied, and so on to the end; and back where v2 fails."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.cli.__main__ import main
from modelyard.environment.load import load
from modelyard.environment.rollout import Rollout

from .split_traffic import Connection, constant_load
from .test_canary import MODEL_NAME, PATH, TRACK_HEADER, Canary, prometheus, until
from .test_canary import canary as canary

pytestmark = [pytest.mark.servers, pytest.mark.whole]

REPOSITORY = Path(__file__).parents[2]
FILE = f"""\
department: shop
cost_center: CC-1
owner: shop@example.org
monthly_budget_usd: 100
models:
  - name: {MODEL_NAME}   # doubles
    task: ranking
    format: python
    source: ../models/{MODEL_NAME}
    rollout:
      stable: 1
      canary: 2
      pause_minutes: 0
      gates: {{error_rate: 0.01, p99_ms: 10000, window_minutes: 1, least_requests: 50}}
"""


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "stacks" / "shop"
    (folder / "departments").mkdir(parents=True)
    platform = yaml.safe_load((REPOSITORY / "stacks" / "staging" / "platform.yaml").read_text(encoding="utf-8"))
    platform["environment"] = "shop"
    del platform["image_registry"]
    (folder / "platform.yaml").write_text(yaml.safe_dump(platform), encoding="utf-8")
    file = folder / "departments" / "shop.yaml"
    file.write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return file


@pytest.fixture
def watched(canary: Canary, tmp_path: Path) -> Iterator[str]:
    metrics = canary.servers[2].running.ports.metrics
    folder = tmp_path / "prometheus"
    folder.mkdir()
    with prometheus(folder, canary.gateway.admin(), f"127.0.0.1:{metrics}") as url:
        yield url


def rollout_of(file: Path) -> Rollout:
    rollout = load(file.parents[1]).departments[0].models[0].rollout
    assert rollout is not None
    return rollout


def test_a_rollout_from_its_beginning_to_its_end(
    canary: Canary, watched: str, declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*options: str) -> dict[str, Any]:
        """What the command says and writes."""
        command = ["rollout", MODEL_NAME, "--env", "shop", "--prometheus", watched, "--write", "--json", "-"]
        main([*command, *options])
        return json.loads(capsys.readouterr().out)

    def decided(*options: str) -> dict[str, Any]:
        """The same; what it wrote is deployed."""
        document = said(*options)
        deploy(rollout_of(declared))
        return document

    def deploy(rollout: Rollout) -> None:
        if rollout.canary is not None:
            canary.declare(percent=rollout.percent)

    deploy(rollout_of(declared))
    with constant_load(canary.gateway, canary.host, MODEL_NAME, canary.gateway.certificate) as load_:
        assert decided()["exit_code"] == 3, "nobody has asked it to begin"
        # Deployed after the next one: a command that takes its time would find enough measured.
        assert said("--begin")["decision"] == {"action": "promote", "percent": 10, "reasons": []}
        early = decided()
        assert (early["exit_code"], early["decision"]["action"]) == (3, "hold"), "too little is measured"
        first = decided("--wait", "2")
        assert first["decision"]["percent"] == 50, first
        answered = {gate["name"]: gate for gate in first["clusters"][0]["gates"]}
        assert {each["outcome"] for each in answered.values()} == {"pass"}
        assert answered["error_rate"]["value"] == answered["server_error_rate"]["value"] == 0
        assert 0 < answered["p99_ms"]["value"] < 10_000
        settled = load_.answers["http", "canary"]
        assert until(lambda: load_.answers["http", "canary"] > settled + 100)
        assert decided("--wait", "2")["decision"]["percent"] == 100
        assert decided("--wait", "2")["decision"]["action"] == "finish"
    assert not load_.failures
    ended = FILE.replace("stable: 1\n      canary: 2\n", "stable: 2\n")
    assert declared.read_text(encoding="utf-8") == ended


def test_a_canary_that_answers_errors_goes_back(
    canary: Canary, watched: str, declared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half = FILE.replace("canary: 2\n", "canary: 2\n      percent: 50   # half\n")
    declared.write_text(half, encoding="utf-8")
    canary.declare(percent=50)
    command = ["rollout", MODEL_NAME, "--env", "shop", "--prometheus", watched, "--write"]
    connection = Connection(canary.gateway, canary.host)

    code, deadline = 3, time.monotonic() + 120
    while code == 3 and time.monotonic() < deadline:
        for _ in range(30):
            assert connection.ask(PATH, x=-1.0, headers={TRACK_HEADER: "canary"}).status == 500
        code = main([*command, "--quiet"])
    connection.close()
    assert code == 2
    told = capsys.readouterr().out.splitlines()[-1]
    assert told.startswith(f"Roll back: version 2 of {MODEL_NAME} gets no requests any more: error_rate is ")
    assert declared.read_text(encoding="utf-8") == half.replace("percent: 50   # half", "percent: 0   # half")
    assert main([*command, "--quiet", "--begin"]) == 2, "it does not begin again by itself"
