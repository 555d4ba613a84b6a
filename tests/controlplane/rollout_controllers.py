"""Argo Rollouts and Flagger, each beside the control plane, with a Prometheus that they ask."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from .api import Api, until
from .build import built
from .control_plane import ControlPlane

PROMETHEUS_URL = "http://127.0.0.1:9090"
PLUGIN = "argoproj-labs/gatewayAPI"
PLUGIN_VARIABLE = "MODELYARD_ARGO_GATEWAY_PLUGIN"
"""Path of another program to load in the place of the stand-in of these tests, such as the plugin itself."""

_ARGO_NAMESPACE = "argo-rollouts"
_START_SECONDS = 180
"""On a machine that does other things besides."""
_COUNTERS_PORT = 9102
_COUNTERS = Path(__file__).with_name("canary_counters.py")


def start_argo_rollouts(plane: ControlPlane, api: Api) -> None:
    """The controller, with a traffic router plugin that it loads from a file."""
    tools = _tools("argo-rollouts")
    plugin = os.environ.get(PLUGIN_VARIABLE) or str(tools / "gateway-api-plugin")
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _ARGO_NAMESPACE}})
    loaded = [{"name": PLUGIN, "location": f"file://{plugin}"}]
    api.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "argo-rollouts-config", "namespace": _ARGO_NAMESPACE},
            "data": {"trafficRouterPlugins": json.dumps(loaded)},
        }
    )
    kubeconfig = str(plane.folder / "kubeconfig-inside")
    plane.start(
        "argo-rollouts",
        [
            str(tools / "rollouts-controller"),
            f"--kubeconfig={kubeconfig}",
            "--leader-elect=false",
            "--healthzPort=18080",
            "--metricsPort=18090",
        ],
        {"KUBECONFIG": kubeconfig, "POD_NAMESPACE": _ARGO_NAMESPACE},
    )
    _until_logged(plane, "argo-rollouts", "Started rollout workers")


def start_flagger(plane: ControlPlane, api: Api) -> None:
    """The controller, told apart pods by the label that docs/rollout.md asks for."""
    plane.start(
        "flagger",
        [
            str(_tools("flagger") / "flagger"),
            f"--kubeconfig={plane.folder / 'kubeconfig-inside'}",
            "--mesh-provider=gatewayapi:v1",
            "--selector-labels=app.kubernetes.io/instance",
            f"--metrics-server={PROMETHEUS_URL}",
            "--control-loop-interval=1s",
            "--port=18081",
        ],
    )
    _until_logged(plane, "flagger", "Started operator workers")


def start_prometheus(plane: ControlPlane, namespace: str, errors: dict[str, float]) -> None:
    """Prometheus, and counters of a canary of each of these models, of which that share are errors.

    Raises:
        FileNotFoundError: there is no Prometheus on PATH.
    """
    binary = shutil.which("prometheus")
    if binary is None:
        raise FileNotFoundError("there is no prometheus on PATH")
    told = json.dumps({"namespace": namespace, "errors": errors})
    plane.start("counters", [sys.executable, "-I", str(_COUNTERS), str(_COUNTERS_PORT), told])
    scraped = {
        "job_name": "canaries",
        "scrape_interval": "1s",
        "honor_labels": True,
        "static_configs": [{"targets": [f"127.0.0.1:{_COUNTERS_PORT}"]}],
    }
    configuration = plane.folder / "prometheus.yaml"
    configuration.write_text(json.dumps({"scrape_configs": [scraped]}))
    plane.start(
        "prometheus",
        [
            binary,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={plane.folder / 'prometheus'}",
            "--web.listen-address=127.0.0.1:9090",
        ],
    )

    def scraped_often() -> bool:
        return _checked(plane).log("counters").count("scraped") >= 5

    until(scraped_often, _START_SECONDS, lambda: plane.log("prometheus")[-3000:])


def _tools(module: str) -> Path:
    root = built(module)
    assert root is not None, f"{module} is not built"
    return root / "bin"


def _until_logged(plane: ControlPlane, name: str, text: str) -> None:
    until(lambda: text in _checked(plane).log(name), _START_SECONDS, lambda: plane.log(name)[-3000:])


def _checked(plane: ControlPlane) -> ControlPlane:
    plane.check()
    return plane
