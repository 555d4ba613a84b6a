"""From a declaration to an answer where nothing is copied: the folder of the store, read-only, is the repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from modelyard.trial.server import serve

from .read_only_folder import CannotMount, read_only
from .test_deployed_repository import two_stages
from .triton_server import TritonHome, TritonServer

pytestmark = pytest.mark.servers


def test_triton_serves_from_a_folder_that_nobody_can_write(triton_home: TritonHome, tmp_path: Path) -> None:
    made = two_stages(tmp_path)
    stored = tmp_path / "store" / made.digest[:16]
    for file in made.files:
        at = stored / file.key
        if file.key.endswith("/"):
            # An empty object whose key ends with a slash; drivers show it as a folder.
            at.mkdir(parents=True, exist_ok=True)
            continue
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes((file.text or "").encode() if file.path is None else Path(file.path).read_bytes())
    try:
        with read_only(stored, tmp_path / "models") as repository:
            with pytest.raises(OSError, match="Read-only file system"):
                (repository / "fraud" / "written").write_text("")
            with serve(triton_home, repository) as running:
                server = TritonServer(running, triton_home.python)
                tensor = {"name": "amount", "shape": [2, 1], "datatype": "FP32", "data": [1.0, 4.0]}
                body = json.dumps({"inputs": [tensor]}).encode()
                status, text = server.request("/v2/models/fraud/versions/2/infer", body=body)
                assert (status, json.loads(text)["outputs"][0]["data"]) == (200, [20.0, 50.0])
    except CannotMount as error:
        pytest.skip(str(error))
