"""Everything that ``modelyard render`` writes, for the linters; without a linter its tests are skipped and say why."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from kserve_deployments import deployments_of_kserve
from modelyard.trial.packages import CannotInstall

from .linters import documents

ROOT = Path(__file__).parents[2]
PLATFORMS = sorted(
    platform
    for platform in (*ROOT.glob("stacks/*/platform.yaml"), *ROOT.glob("examples/*/stacks/*/platform.yaml"))
    if "clusters" in yaml.safe_load(platform.read_text())
)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The manifests of every environment of the project and its examples, a folder for each cluster."""
    found: dict[str, Path] = {}
    for platform in PLATFORMS:
        project, environment = platform.parents[2], platform.parent.name
        out = tmp_path_factory.mktemp("rendered") / environment
        done = subprocess.run(
            [sys.executable, "-m", "modelyard.cli", "render", environment, "--stacks", str(platform.parents[1]),
             "--out", str(out), "--quiet"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )  # fmt: skip
        assert done.returncode in (0, 2), done.stdout + done.stderr
        for cluster in sorted(folder for folder in out.iterdir() if folder.is_dir()):
            kept = out.parent / f"{project.name}-{environment}-{cluster.name}"
            _keep_manifests(cluster, kept)
            found[kept.name] = kept
    return found


@pytest.fixture(scope="session")
def manifests(rendered: dict[str, Path]) -> list[dict[str, Any]]:
    return [each for folder in rendered.values() for each in documents(sorted(folder.rglob("*.yaml")))]


@pytest.fixture(scope="session")
def installed() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Turns a linter that cannot be had into a skip."""

    def told(linter: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            try:
                return linter(*arguments)
            except CannotInstall as error:
                pytest.skip(f"no linter to ask: {error}")

        return run

    return told


def _keep_manifests(cluster: Path, kept: Path) -> None:
    """Kubernetes objects alone: charts' values, Prometheus' rule files and models lie beside them."""
    for file in sorted(cluster.rglob("*.yaml")):
        below = file.relative_to(cluster)
        if len(below.parts) == 2 and below.parts[0] not in ("models", "prometheus-rules"):
            target = kept / below
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(file.read_text())
    for namespace in sorted(kept.iterdir()):
        _put_deployments_of_kserve(namespace)


def _put_deployments_of_kserve(namespace: Path) -> None:
    """In the place of an InferenceService and its ServingRuntime, neither of which is a whole pod."""
    found = {file: documents([file])[0] for file in sorted(namespace.glob("*.yaml"))}
    for deployment in deployments_of_kserve(found.values()):
        file = namespace / f"deployment-{deployment['metadata']['name']}.yaml"
        file.write_text(yaml.safe_dump(deployment))
    for file, thing in found.items():
        if thing["kind"] in ("InferenceService", "ServingRuntime"):
            file.unlink()
