"""Under the real engine: a preview asks nobody, and an update without credentials ends in a sentence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.real_engine import REPO, Engine, EngineFailed, Project
from unit.serving.vertex.rest_server import VertexRestApi, serving

pytestmark = [pytest.mark.engine, pytest.mark.whole]

PROGRAM = REPO / "tests" / "engine" / "programs" / "vertex"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Project, VertexRestApi]]:
    """The engine tests' program, on a machine that nobody has logged in on, with Vertex AI on loopback."""
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi engine (`pulumi`) is not on PATH: the words of an update are NOT checked")
    api = VertexRestApi()
    api.any_endpoint = True
    for name in ("GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with serving(api) as address:
        monkeypatch.setenv("GOOGLE_VERTEX_AI_CUSTOM_ENDPOINT", address)
        made = Engine(tmp_path / "engine").project(PROGRAM, "vertex")
        made.set_config("dev", {"stable": "1"})
        yield made, api


def test_a_preview_needs_no_credentials_and_an_update_without_them_says_so(
    project: tuple[Project, VertexRestApi],
) -> None:
    made, api = project
    assert made.preview("dev")["changeSummary"]["create"] > 5
    with pytest.raises(EngineFailed) as failed:
        made.up("dev")
    _, sentence, then, *rest = str(failed.value).splitlines()
    assert sentence == (
        "Vertex AI: no Google Cloud credentials were found; run `gcloud auth application-default login`, or set "
        "GOOGLE_APPLICATION_CREDENTIALS to the file of a service account, or GOOGLE_OAUTH_ACCESS_TOKEN"
    )
    assert then == "update failed"
    # The engine may interrupt the program after a failure of any provider, and the program then says where it was.
    assert not [line for line in rest if "dynamic" in line or "modelyard" in line]
    assert api.asked == [], "nobody was asked"
