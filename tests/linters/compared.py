"""Counts what both linters find in folders of manifests, for docs/linters.md.

python -m linters.compared NAME=FOLDER ...      (in tests/)
"""

from __future__ import annotations

import sys
from pathlib import Path

from .linters import checkov, documents, kube_score, pod_security

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")


def main() -> None:
    print(
        "| Manifests | Objects | Workloads | kube-score | checkov | Found in a workload | Pods against `restricted` |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    for argument in sys.argv[1:]:
        name, _, folder = argument.partition("=")
        print(line(name, Path(folder)))


def line(name: str, folder: Path) -> str:
    files = sorted(folder.rglob("*.yaml"))
    manifests = documents(files)
    workloads = [each for each in manifests if each["kind"] in WORKLOADS]
    scored, checked = kube_score(files), checkov(folder)
    found = len(scored) + len(checked)
    each = f"{found / len(workloads):.1f}" if workloads else "-"
    broken = sum(bool(reason) for _, reason in pod_security(manifests))
    return f"| {name} | {len(manifests)} | {len(workloads)} | {len(scored)} | {len(checked)} | {each} | {broken} |"


if __name__ == "__main__":
    main()
