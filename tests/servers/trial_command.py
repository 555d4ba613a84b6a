"""``modelyard try`` as a process of its own, and what it may not leave behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import modelyard

MODEL = """\
import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        {initialize}

    def execute(self, requests):
        {execute}
        answers = []
        for request in requests:
            x = pb_utils.get_input_tensor_by_name(request, "x").as_numpy()
            answers.append(pb_utils.InferenceResponse([pb_utils.Tensor("y", x * 2)]))
        return answers
"""
DECLARATION = """\
format: python
max_batch_size: 8
inputs: [{name: x, dtype: FP32, dims: [2]}]
outputs: [{name: y, dtype: FP32, dims: [2]}]
instances: [{kind: cpu, count: 1}]
"""


def doubler(folder: Path, *, initialize: str = "pass", execute: str = "pass", declaration: str = DECLARATION) -> Path:
    """The folder of a model ``doubler``: y = 2x, with one line of its own in each of its methods."""
    model = folder / "doubler"
    (model / "1").mkdir(parents=True)
    (model / "1" / "model.py").write_text(MODEL.format(initialize=initialize, execute=execute), encoding="utf-8")
    (model / "model.yaml").write_text(declaration, encoding="utf-8")
    return model


@dataclass
class TrialCommand:
    """Runs in ``folder``, with a folder of its own for temporary files."""

    folder: Path
    cache: Path
    variables: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    """A command that runs the command."""

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """To its end; nothing may be left then."""
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=240)
        finally:
            process.kill()
        self.assert_nothing_left(process.pid)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        self.temporary.mkdir(exist_ok=True)
        return subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "modelyard.cli", "try", *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def until(self, process: subprocess.Popen[str], said: str) -> None:
        """Reads standard error until a line holds ``said``."""
        assert process.stderr is not None
        heard = ""
        for line in process.stderr:
            heard += line
            if said in line:
                return
        raise AssertionError(f"the command ended with {process.wait()} and never said {said!r}: {heard}")

    def end(self, process: subprocess.Popen[str], number: int = signal.SIGINT) -> int:
        """Its exit code after a signal."""
        process.send_signal(number)
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()
        return process.returncode

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary"

    def assert_nothing_left(self, pid: int, seconds: float = 0.0) -> None:
        """No process, no temporary file and no shared memory, at once or within some seconds."""
        deadline = time.monotonic() + seconds
        while True:
            left = [*self._processes(), *self.temporary.iterdir(), *Path("/dev/shm").glob(f"modelyard-{pid}-*")]
            if not left:
                return
            assert time.monotonic() < deadline, left
            time.sleep(0.1)

    def _processes(self) -> list[str]:
        """Those that were started with our folder of temporary files, or in it."""
        mark = str(self.temporary).encode()
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            try:
                command = (process / "cmdline").read_bytes()
                if mark in command + (process / "environ").read_bytes():
                    found.append(command.replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
        return found

    def _environment(self) -> dict[str, str]:
        components = Path(modelyard.__file__).parents[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "XDG_"))}
        index = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        return {
            **kept,
            **index,
            "PYTHONPATH": os.pathsep.join([str(components), str(components.parent / "policies")]),
            "MODELYARD_CACHE": str(self.cache),
            "TMPDIR": str(self.temporary),
            "TERM": "dumb",
            **self.variables,
        }


def copied(folder: Path, target: Path) -> Path:
    """A copy of a folder, to be changed by a test."""
    shutil.copytree(folder, target)
    return target
