"""The sentiment example's model on the real Triton server, and its dashboard's server before it."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.write import write
from modelyard.serving.client import Client
from modelyard.trial.server import serve
from modelyard.trial.server_home import ServerHome
from modelyard.trial.substitution import substituted

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sentiment-api"
RELEASE = "26.07"


@contextmanager
def served(home: ServerHome, folder: Path) -> Iterator[str]:
    """URL of the server."""
    written(folder)
    with serve(home, folder) as server:
        yield f"http://{server.http_url}"


def written(folder: Path) -> None:
    """The example's model repository, as this machine's Triton serves it."""
    repository = build(
        read(EXAMPLE / "models" / "sentiment", "sentiment", boundary=EXAMPLE), version=None, release=RELEASE
    )
    write(substituted(repository, release=RELEASE, requirements={}).repository, folder)


@contextmanager
def dashboard(client: Client) -> Iterator[str]:
    """URL of the page."""
    listening = _program().server(client, 0)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}"
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def _program() -> Any:
    spec = importlib.util.spec_from_file_location("sentiment_dashboard", EXAMPLE / "dashboard" / "serve.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
