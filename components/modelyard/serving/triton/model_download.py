"""The init container that fetches the model from the store and checks it.

The store keeps Triton's own layout below ``<department>/<model>/``: files of the model, and a folder for each
version. Only the served version is fetched, and what has a checksum must match it, or the pod does not start.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from ...catalog import images
from .container import REPOSITORY, RESTRICTED
from .quantities import cpu, gibibytes
from .served_model import ServedModel

CHECKSUMS = "/checksums"
"""Where the list of checksums is mounted."""

_BYTES_PER_MIB = 1024**2

# Filters of the AWS CLI apply in order, the last that matches wins: every version goes, the served one comes back.
_DOWNLOAD = """\
set -eu
aws s3 cp "s3://$MODEL_BUCKET/$MODEL_PREFIX/" "$MODEL_FOLDER/" --recursive --only-show-errors \\
  --exclude '[0-9]*/*' --include "$MODEL_VERSION/*"
cd "$MODEL_FOLDER/$MODEL_VERSION"
"""
_VERIFY = f"""\
cd "$MODEL_FOLDER"
sha256sum --check --quiet --strict {CHECKSUMS}/sha256sums
"""


def download_container(model: ServedModel) -> dict[str, Any]:
    """The init container named ``model``."""
    stored = model.stored
    mounts = [{"name": "models", "mountPath": REPOSITORY}, {"name": "scratch", "mountPath": "/tmp"}]
    if stored.sha256:
        mounts.append({"name": "checksums", "mountPath": CHECKSUMS})
    memory = gibibytes(min(model.share.memory_gib, 1.0))
    return {
        "name": "model",
        "image": images.get("aws-cli").pinned,
        "command": ["/bin/sh", "-c", script(model)],
        "env": [
            {"name": "MODEL_BUCKET", "value": stored.bucket},
            {"name": "MODEL_PREFIX", "value": stored.prefix},
            {"name": "MODEL_FOLDER", "value": f"{REPOSITORY}/{model.name}"},
            {"name": "MODEL_VERSION", "value": str(model.version)},
            {"name": "AWS_REGION", "value": stored.region},
            {"name": "AWS_RETRY_MODE", "value": "standard"},
            {"name": "AWS_MAX_ATTEMPTS", "value": "10"},
            {"name": "HOME", "value": "/tmp"},
        ],
        "resources": {
            "requests": {"cpu": cpu(min(model.share.cpu, 1.0)), "memory": memory},
            "limits": {"memory": memory},
        },
        "securityContext": RESTRICTED,
        "volumeMounts": mounts,
    }


def script(model: ServedModel) -> str:
    """What the init container runs."""
    return _DOWNLOAD + _VERIFY if model.stored.sha256 else _DOWNLOAD


def checksums_name(model: ServedModel) -> str | None:
    """Name of the ConfigMap of checksums: new files, new name, so that a pod never meets another's list."""
    return f"{model.name}-files-{model.stored.digest[:10]}" if model.stored.sha256 else None


def checksums_config_map(model: ServedModel) -> dict[str, Any] | None:
    """The list that ``sha256sum --check`` reads; None where the files are somebody else's.

    File names with a line break cannot be listed and are refused when the arguments are read.
    """
    if not model.stored.sha256:
        return None
    lines = [f"{checksum}  {path}\n" for path, checksum in sorted(model.stored.sha256.items())]
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": model.metadata(checksums_name(model)),
        "immutable": True,
        "data": {"sha256sums": "".join(lines)},
    }


def repository_size_limit(model: ServedModel) -> str | None:
    """Size of the volume for the repository: the files and a tenth more, at least 64 MiB more; None: unlimited,
    since the size is not known."""
    size = model.stored.size_bytes
    if size is None:
        return None
    return f"{ceil((size + max(size // 10, 64 * _BYTES_PER_MIB)) / _BYTES_PER_MIB)}Mi"
