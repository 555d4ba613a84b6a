"""Two independent linters, and the evaluator of Kubernetes' own admission plugin PodSecurity, installed once."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from modelyard.trial.packages import CannotInstall, environment

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache"

CHECKOV = "checkov==3.3.30"
_KUBERNETES = "v1.34"
_BUILD_SECONDS = 600


@dataclass(frozen=True, order=True)
class Finding:
    """A check that an object fails."""

    linter: str
    check: str
    kind: str
    name: str
    """``<namespace>/<name>``."""


def kube_score(files: Sequence[Path], cache: Path = CACHE) -> list[Finding]:
    """What kube-score finds in these files, read together: some of its checks compare objects."""
    binary = go_program("kube_score", "github.com/zegl/kube-score/cmd/kube-score", cache)
    command = [str(binary), "score", "--output-format", "json", "--kubernetes-version", _KUBERNETES]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True)
    assert done.stdout, done.stderr
    return sorted(
        Finding("kube-score", checked["check"]["id"], scored["type_meta"]["kind"], _name(scored["object_meta"]))
        for scored in json.loads(done.stdout) or []
        for checked in scored["checks"]
        if not checked["skipped"] and checked["grade"] < 10
    )


def checkov(folder: Path, cache: Path = CACHE) -> list[Finding]:
    """What checkov finds in the manifests below this folder, without asking its vendor for anything."""
    home = environment(cache / CHECKOV.replace("==", "-"), (CHECKOV,), python=Path(sys.executable))
    done = subprocess.run(
        [str(home / "bin" / "checkov"), "--directory", str(folder), "--framework", "kubernetes", "--skip-download",
         "--compact", "--quiet", "--output", "json"],
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    if "results" not in report:  # It knows no check for any of these kinds.
        return []
    assert not report["summary"]["parsing_errors"], report["results"]["parsing_errors"]
    return sorted(_checkov_finding(failed) for failed in report["results"]["failed_checks"])


def pod_security(manifests: Iterable[Mapping[str, Any]], cache: Path = CACHE) -> list[tuple[str, str]]:
    """Pods, each with why it breaks the ``restricted`` standard; empty for one that keeps it.

    Asked is every pod of every manifest, in whatever kind of object it is described.
    """
    binary = go_program("pod_security", ".", cache)
    pods = [
        {"name": f"{manifest['kind']} {_name(manifest['metadata'])} {path}", "metadata": metadata, "spec": spec}
        for manifest in manifests
        for path, metadata, spec in pods_in(manifest)
    ]
    lines = "".join(f"{json.dumps(pod)}\n" for pod in pods)
    done = subprocess.run([str(binary)], input=lines, capture_output=True, text=True, check=True)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return [(each["name"], "" if each["allowed"] else each["reason"]) for each in said]


def pods_in(value: Any, path: str = "") -> Iterable[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Where pods are described, with their metadata and specification: whatever has containers is a pod, and so is the
    part of an InferenceService whose one container is named after what it runs."""
    if isinstance(value, Mapping):
        beside = value.get("metadata")
        for key, inner in value.items():
            where = f"{path}.{key}" if path else key
            spec = _pod_spec(key, inner)
            if spec is not None:
                yield where, {"labels": (beside or {}).get("labels", {}), **_annotations(beside)}, spec
            else:
                yield from pods_in(inner, where)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from pods_in(inner, f"{path}[{number}]")


def documents(files: Iterable[Path]) -> list[dict[str, Any]]:
    """The manifests in these files."""
    return [each for file in files for each in yaml.safe_load_all(file.read_text()) if each]


def go_program(module: str, package: str, cache: Path = CACHE) -> Path:
    """A program of a Go module beside this file, built once for as long as the module stays the same.

    Raises:
        CannotInstall: there is no Go, or no module proxy answers.
    """
    found = _built(module, package, cache)
    if isinstance(found, CannotInstall):
        raise found
    return found


@functools.cache
def _built(module: str, package: str, cache: Path) -> Path | CannotInstall:
    """Tried once: a proxy that says nothing keeps one test waiting, and no other."""
    source = HERE / module
    files = sorted(file for file in source.iterdir() if file.suffix in (".go", ".mod", ".sum"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    home = cache / f"{module.replace('_', '-')}-{digest}"
    binary = home / "program"
    if binary.exists():
        return binary
    go = shutil.which("go")
    if go is None:
        return CannotInstall(f"Go is not on PATH, which builds {module.replace('_', '-')}")
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            made = home / "program.new"
            command = [go, "build", "-trimpath", "-ldflags=-s -w", "-o", str(made), package]
            try:
                done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=_BUILD_SECONDS)
            except subprocess.TimeoutExpired:
                return CannotInstall(f"{module} does not build in {_BUILD_SECONDS} s")
            if done.returncode:
                return CannotInstall(f"{module} does not build: {done.stderr.strip().splitlines()[-1]}")
            made.rename(binary)
    return binary


def _pod_spec(key: str, value: Any) -> dict[str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    if isinstance(value.get("containers"), list):
        return {field: inner for field, inner in value.items() if field in _POD_FIELDS}
    named = value.get("model") if key in ("predictor", "explainer") else None
    if not isinstance(named, Mapping):
        return None
    container = {field: inner for field, inner in named.items() if field in _CONTAINER_FIELDS}
    fields = {field: inner for field, inner in value.items() if field in _POD_FIELDS}
    return {**fields, "containers": [{"name": "model", **container}]}


_POD_FIELDS = (
    "containers", "initContainers", "volumes", "securityContext", "hostNetwork", "hostPID", "hostIPC",
    "serviceAccountName", "automountServiceAccountToken", "os",
)  # fmt: skip
_CONTAINER_FIELDS = ("name", "image", "securityContext", "ports")


def _annotations(metadata: Any) -> dict[str, Any]:
    annotations = (metadata or {}).get("annotations")
    return {"annotations": annotations} if annotations else {}


def _name(metadata: Mapping[str, Any]) -> str:
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"


def _checkov_finding(failed: Mapping[str, Any]) -> Finding:
    kind, namespace, *name = failed["resource"].split(".")
    return Finding("checkov", failed["check_id"], kind, f"{namespace}/{'.'.join(name)}")
