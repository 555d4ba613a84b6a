"""The init container that brings the model repository from its object store and checks it.

It runs ``model_sync.sh`` with rclone: one tool, one script and one small image for three clouds. What it is told to
fetch is an immutable ConfigMap, named by its content, of objects whose keys hold their own checksums
(:class:`~modelyard.registry.model_upload.ModelUpload`): a pod of the release before, started again in the middle of a
roll, finds its own files, and only those. A pod whose files are missing or differ does not start, and says which.

There is no sidecar that keeps the repository in step with the store. Triton advises against polling a repository in
production ("Model Management": a file can be loaded half written, and what the server will do next cannot be told), the
load endpoints would have to be open to it, and nobody could say which version a pod serves. A new version is a new pod,
which a rollout can wait for, count and undo.
"""

from __future__ import annotations

import hashlib
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from ...catalog import images
from ...governance.pod_security import RESTRICTED
from .quantities import cpu, gibibytes
from .server import REPOSITORY
from .stored_model import StoredModel
from .workload import Workload

VOLUME = "/repository"
"""Where the volume is mounted while it is filled; the server sees its folder ``models``."""
FOLDER = REPOSITORY.removeprefix("/")
"""That folder: it appears when everything in it is whole."""

_LIST = "/files/list"
_BYTES_PER_MIB = 1024**2


def download_container(workload: Workload) -> dict[str, Any]:
    """The init container named ``model``. Values of its environment may be Pulumi outputs."""
    mounts: list[dict[str, Any]] = [{"name": "models", "mountPath": VOLUME}, {"name": "scratch", "mountPath": "/tmp"}]
    if files_name(workload) is not None:
        mounts.append({"name": "files", "mountPath": _LIST.rpartition("/")[0], "readOnly": True})
    memory = gibibytes(min(workload.share.memory_gib, 1.0))
    return {
        "name": "model",
        "image": images.get("rclone").pinned,
        "command": ["/bin/sh", "-c", script()],
        "env": [{"name": name, "value": value} for name, value in _variables(workload).items()],
        "resources": {
            "requests": {"cpu": cpu(min(workload.share.cpu, 1.0)), "memory": memory},
            "limits": {"memory": memory},
        },
        "securityContext": RESTRICTED,
        # Why a pod does not start is shown with the pod itself.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": mounts,
    }


@cache
def script() -> str:
    """What the init container runs: ``model_sync.sh`` without its comments, since every Deployment holds it."""
    lines = (Path(__file__).parent / "model_sync.sh").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))


def files_name(workload: Workload) -> str | None:
    """Name of the ConfigMap that lists the files: another list has another name, so that a pod never meets another's.
    None where nothing is listed."""
    listed = listing(workload.stored)
    return f"{workload.name}-files-{hashlib.sha256(listed.encode()).hexdigest()[:10]}" if listed else None


def files_config_map(workload: Workload) -> dict[str, Any] | None:
    """The list of files; None where they are somebody else's and have no checksums."""
    name = files_name(workload)
    if name is None:
        return None
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": workload.metadata(name),
        "immutable": True,
        "data": {_LIST.rpartition("/")[2]: listing(workload.stored)},
    }


def listing(stored: StoredModel) -> str:
    """Lines of checksum, size in bytes, object and path, separated by tabs, which no path may hold."""
    rows = [(file.sha256, file.size_bytes, file.object, file.path) for file in stored.files]
    rows += [(checksum, 0, path, path) for path, checksum in stored.sha256.items()]
    return "".join("\t".join(map(str, row)) + "\n" for row in sorted(rows, key=lambda row: row[3]))


def repository_size_limit(workload: Workload) -> str | None:
    """Size of the volume for the repository: the files and a tenth more, at least 64 MiB more; None: unlimited,
    since the size is not known."""
    size = workload.stored.size_bytes
    if size is None:
        return None
    return f"{ceil((size + max(size // 10, 64 * _BYTES_PER_MIB)) / _BYTES_PER_MIB)}Mi"


def _variables(workload: Workload) -> dict[str, Any]:
    stored = workload.stored
    variables: dict[str, Any] = {
        "MODEL_STORE": _joined(stored.store.url_start()),
        "MODEL_BUCKET": stored.store.bucket,
        "MODEL_PREFIX": stored.prefix,
        "MODEL_VOLUME": VOLUME,
    }
    if files_name(workload) is not None:
        variables["MODEL_FILES"] = _LIST
    if not stored.files:
        variables["MODEL_PREFIX_OF"] = workload.model if stored.layout == "model" else "."
        if stored.layout == "model":
            variables["MODEL_VERSIONS"] = " ".join(map(str, workload.versions))
    if stored.size_bytes is not None:
        variables["MODEL_BYTES"] = str(stored.size_bytes)
    # An empty RCLONE_CONFIG: no file of settings is looked for.
    settings = {"RCLONE_CONFIG": "", "RCLONE_RETRIES_SLEEP": "5s", "HOME": "/tmp", "TMPDIR": "/tmp"}
    return {**variables, **stored.store.variables(), **settings}


def _joined(parts: tuple[Any, ...]) -> Any:
    if all(isinstance(part, str) for part in parts):
        return "".join(parts)
    from pulumi import Output

    return Output.concat(*parts)
