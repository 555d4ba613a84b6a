"""Builds the control plane of these tests from the Go modules in ``go/``, once, into the cache.

Run as a program it builds what is missing and says what it does; with ``--needed`` only what every test needs. The
cache is ``.cache/controlplane`` of the checkout, with a folder for each module, named by what its go.mod, its go.sum
and its own code say: a change of a version builds that module anew, and only that one.

Tools are what a module names in its ``tool`` directive. Files that are taken out of modules without a build (custom
resource definitions, KServe's configuration) are listed in files.csv.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "controlplane"
NEEDED = ("etcd", "kubernetes", "definitions", "kwok", "kserve", "reachability", "argo-rollouts", "flagger")
"""Without one of them there is no control plane."""
MODULES = (*NEEDED, "karpenter", "kyverno")
"""The others come last: without one of them its own tests are skipped alone."""
COMMAND = "python tests/controlplane/build.py"

_VARIABLES = {
    "karpenter": {
        "sigs.k8s.io/karpenter/pkg/cloudprovider.ReservationIDLabel": "karpenter.k8s.aws/capacity-reservation-id"
    }
}
"""That a module's own program leaves empty, and a cloud's sets: by it Karpenter tells reservations apart."""

_OLDEST_GO = (1, 26)
"""The go.mod files say so, and the ``tool`` pattern of ``go build`` needs 1.24."""


class CannotBuild(Exception):
    """``str()`` says why, in one sentence."""


def main() -> int:
    wanted = NEEDED if sys.argv[1:] == ["--needed"] else MODULES
    try:
        build(lambda text: print(text, flush=True), wanted)
    except CannotBuild as error:
        print(f"The control plane's tests will be skipped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "The build was ended. What was built by then is kept; tests that need the rest are skipped.",
            file=sys.stderr,
        )
        return 130
    return 0


def built(module: str) -> Path | None:
    """The folder of a module's tools and files, or None where it has not been built."""
    folder = target(module)
    return folder if folder.is_dir() else None


def target(module: str) -> Path:
    """The folder that it gets."""
    return CACHE / f"{module}-{_digest(module)}"


def build(report: Callable[[str], None], modules: Sequence[str] = MODULES) -> None:
    """Build every one of these modules that is missing; other processes that do so wait for each other.

    Raises:
        CannotBuild: there is no Go, or it is too old, or a module cannot be had, or does not compile.
    """
    missing = [module for module in modules if built(module) is None]
    if not missing:
        return
    _check_go()
    with _lock(report):
        # Nobody else builds now: what is here is left of a build that was killed.
        for stale in CACHE.glob("building-*"):
            shutil.rmtree(stale, ignore_errors=True)
        for module in modules:
            if built(module) is None:
                began = time.monotonic()
                report(f"control plane: building {module} ...")
                _build(module)
                report(f"control plane: {module} built in {time.monotonic() - began:.0f} s")


def version(module: str, required: str) -> str:
    """The version of another module that go.mod names: ``v1.35.1``."""
    found = re.search(rf"^\s*{re.escape(required)} (v\S+)", (HERE / "go" / module / "go.mod").read_text(), re.MULTILINE)
    assert found is not None, f"{module}/go.mod does not require {required}"
    return found.group(1)


def _build(module: str) -> None:
    # Beside the target, so that a build that was ended leaves nothing that looks whole.
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="building-") as scratch:
        folder = Path(scratch) / module
        folder.mkdir()
        if "\ntool" in (HERE / "go" / module / "go.mod").read_text():
            (folder / "bin").mkdir()
            _go(
                module,
                "build",
                "-buildvcs=false",
                "-mod=readonly",
                f"-ldflags={_link_flags(module)}",
                "-o",
                f"{folder / 'bin'}/",
                "tool",
            )
        for row in _rows(module):
            _take(row, folder)
        for stale in CACHE.glob(f"{module}-*"):
            shutil.rmtree(stale)
        folder.rename(target(module))


def _rows(module: str) -> list[dict[str, str]]:
    """What files.csv takes out of it."""
    with (HERE / "files.csv").open(newline="") as table:
        return [row for row in csv.DictReader(table) if row["module"] == module]


def _take(row: dict[str, str], folder: Path) -> None:
    """Copy a module's files; two modules' files of one name would overwrite each other, so the name says whose."""
    module = f"{row['source']}@{version(row['module'], row['source'])}"
    source = Path(json.loads(_go(row["module"], "mod", "download", "-json", module))["Dir"])
    found = [path for path in sorted(source.glob(row["files"])) if path.name != "kustomization.yaml"]
    if not found:
        raise CannotBuild(f"{module} has no {row['files']}; see tests/controlplane/files.csv.")
    (folder / row["folder"]).mkdir(exist_ok=True)
    prefix = row["source"].split("/")[1]
    for path in found:
        # JSON, because reading it as YAML every time would take as long as starting the API server.
        with path.open() as file:
            things = [thing for thing in yaml.load_all(file, Loader=_Loader) if thing]
        (folder / row["folder"] / f"{prefix}-{path.stem}.json").write_text(json.dumps(things))


# The one of C is ten times as fast, and not everywhere.
_Loader: Any = type("_Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})
# YAML 1.1 gives a lone "=" a type of its own; Kubernetes reads it as text.
_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def _link_flags(module: str) -> str:
    """Kubernetes says its version by these, and clients refuse an empty one."""
    number = version("kubernetes", "k8s.io/kubernetes")
    major, minor, _ = number.removeprefix("v").split(".")
    package = "k8s.io/component-base/version"
    own = "".join(f" -X {name}={value}" for name, value in _VARIABLES.get(module, {}).items())
    return f"-s -w -X {package}.gitVersion={number} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}{own}"


def _digest(module: str) -> str:
    digest = hashlib.sha256(platform.machine().encode())
    folder = HERE / "go" / module
    for path in (folder / "go.mod", folder / "go.sum", *sorted(folder.rglob("*.go"))):
        digest.update(path.read_bytes())
    digest.update(json.dumps(_rows(module)).encode())
    return digest.hexdigest()[:12]


def _check_go() -> None:
    if shutil.which("go") is None:
        raise CannotBuild("there is no Go on PATH.")
    text = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True, cwd=HERE).stdout
    found = re.match(r"go(\d+)\.(\d+)", text)
    if found is None or (int(found.group(1)), int(found.group(2))) < _OLDEST_GO:
        raise CannotBuild(f"Go on PATH is {text.strip()}; {'.'.join(map(str, _OLDEST_GO))} or later is needed.")


def _go(module: str, *arguments: str) -> str:
    # A workspace of the caller's would replace the module's own versions.
    environment = {**os.environ, "GOWORK": "off"}
    done = subprocess.run(
        ["go", *arguments], cwd=HERE / "go" / module, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotBuild(f"go {' '.join(arguments[:2])} failed in {module}: {done.stderr.strip()[-2000:]}")
    return done.stdout


@contextmanager
def _lock(report: Callable[[str], None]) -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("control plane: waiting for another process that builds it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
