"""Simulated nodes that come and go, as one test's do before the next one's."""

from __future__ import annotations

import pytest

from .api import Api, Object, until
from .control_plane import ControlPlane
from .nodes import SECONDS, empty, start
from .test_rollout_controllers import NODE

pytestmark = pytest.mark.whole

REPLICAS = 3
LABELS = {"app": "any"}
DEPLOYMENT: Object = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "any", "namespace": "default"},
    "spec": {
        "replicas": REPLICAS,
        "selector": {"matchLabels": LABELS},
        "template": {
            "metadata": {"labels": LABELS},
            "spec": {"containers": [{"name": "any", "image": "registry.example/any:1"}]},
        },
    },
}


def test_pods_become_available_on_nodes_that_follow_others(control_plane: ControlPlane, api: Api) -> None:
    control_plane.start_scheduling()
    for _ in range(5):
        start(api, [NODE])
        api.apply(DEPLOYMENT)
        until(lambda: _available(api) == REPLICAS, SECONDS, lambda: control_plane.log("kwok")[-3000:])
        empty(api)


def _available(api: Api) -> int:
    return api.get("apps/v1", "Deployment", "any", "default").get("status", {}).get("availableReplicas", 0)
