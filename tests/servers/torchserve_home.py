"""The real TorchServe, and model archives as its own archiver makes them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modelyard.serving.torchserve.archived_version import ArchivedVersion
from modelyard.serving.torchserve.server import Loaded
from modelyard.trial import runtime_torchserve
from modelyard.trial.address import ServerAddress
from modelyard.trial.runtime_process import launched, packages_path

PEERS = Path(__file__).parents[2] / ".cache" / "peers"
START_SECONDS = 180.0

HANDLER = """\
import numpy as np


class Doubler:
    def initialize(self, context):
        self.version = float(context.manifest["model"]["modelVersion"])

    def handle(self, data, context):
        return [np.asarray(each["data"], dtype=np.float32) * 2 * self.version for each in data]
"""
PLAIN_HANDLER = """\
def handle(data, context):
    if data is None:
        return
    return [{"rows": len(data), "body": each.get("body") or each.get("data")} for each in data]
"""
LATE_HANDLER = """\
import time


class Late:
    def initialize(self, context):
        time.sleep(3)

    def handle(self, data, context):
        return [{"late": True} for _ in data]
"""
SLOW_HANDLER = """\
import time


def handle(data, context):
    if data is None:
        return
    time.sleep(3)
    return [{"done": True} for _ in data]
"""


@dataclass(frozen=True)
class Archiver:
    """``torch-model-archiver`` of the server's environment."""

    home: Path
    folder: Path

    def archive(
        self, file: str, *, version: str, handler: str = HANDLER, name: str = "doubler", more: Sequence[str] = ()
    ) -> Path:
        """An archive of a handler, in the folder ``store``."""
        store = self.folder / "store"
        store.mkdir(exist_ok=True)
        source = self.folder / "handler.py"
        source.write_text(handler)
        command = ["--model-name", name, "--version", version, "--handler", str(source), "--export-path", str(store)]
        subprocess.run(
            [str(self.home / "bin" / "torch-model-archiver"), *command, "--force", *more],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env={"PATH": packages_path(self.home), "HOME": str(self.folder)},
        )
        return (store / f"{name}.mar").rename(store / file)


@contextmanager
def torchserve(home: Path, loaded: Loaded, log: Path, start_seconds: float = START_SECONDS) -> Iterator[ServerAddress]:
    """A server with what the component would have it load, configured and started as in the container."""
    with launched(
        lambda folder: runtime_torchserve.launch(home, folder, loaded), log=log, start_seconds=start_seconds
    ) as address:
        yield address


def two_versions(store: Path, default: int, protocol: str = "open_inference") -> Loaded:
    """Versions 1 and 2 of ``doubler``."""
    versions = (ArchivedVersion(1, "1.0", "doubler-1.mar"), ArchivedVersion(2, "2.0", "doubler-2.mar"))
    return Loaded("doubler", versions, default, str(store), protocol)  # type: ignore[arg-type]
