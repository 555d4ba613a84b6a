"""How fast replicas come and go (``behavior`` of ``autoscaling/v2``)."""

from __future__ import annotations

from typing import Any

from ...environment.scaling import Scaling


def pace(scaling: Scaling) -> dict[str, Any]:
    """Up at once, twice as many or two more in a minute: a new replica may need a new GPU node. Down one by one, and
    only when ``scale_down_minutes`` quiet minutes have passed."""
    return {
        "scaleUp": {
            "stabilizationWindowSeconds": 30,
            "selectPolicy": "Max",
            "policies": [
                {"type": "Percent", "value": 100, "periodSeconds": 60},
                {"type": "Pods", "value": 2, "periodSeconds": 60},
            ],
        },
        "scaleDown": {
            "stabilizationWindowSeconds": scaling.scale_down_minutes * 60,
            "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
        },
    }
