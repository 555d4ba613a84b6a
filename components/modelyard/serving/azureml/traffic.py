"""Who answers how much of an endpoint's requests, and the template that says so to Azure.

In Azure an endpoint and its traffic are one resource, and the traffic names deployments, which are made in the
endpoint: neither can be first. So the endpoint is made without traffic, then its deployments, and then a template
deployment (Microsoft.Resources/deployments, mode Incremental), which waits for them, puts the same endpoint again with
everything that it says. Who writes Bicep does it with a module. Later changes of the endpoint, whatever they are, go
through the template too, so that no request to Azure ever shows the endpoint without its traffic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...environment.azureml import MOST_MIRRORED
from ...environment.rollout import Rollout
from ...governance.logical_name import logical_name

API_VERSION = "2025-12-01"
"""Of Microsoft.MachineLearningServices, which pulumi-azure-native 3.29 speaks too."""

NAME_LIMIT = 32
"""Of an endpoint and of a deployment."""

_ENDPOINT = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"


def deployment_name(version: int, instance_type: str | None) -> str:
    """``v3-ds3-v2``: by version, so that making it the stable one renames nothing, and by VM size, which Azure never
    changes: on another size the version is another deployment, which is there before the old one goes.

    Args:
        version: of the model.
        instance_type: VM size, or a compute's instance type; None: the compute's own.
    """
    size = (instance_type or "default").lower().removeprefix("standard_")
    return logical_name(f"v{version}", *re.findall(r"[a-z0-9]+", size), limit=NAME_LIMIT)


def traffic(deployments: Mapping[int, str], stable: int, rollout: Rollout | None) -> dict[str, int]:
    """Percent by deployment; they make 100, and a version that is only kept has 0.

    Args:
        deployments: name of each version's deployment.
        stable: the version that serves without a rollout.
        rollout: None: the stable version answers everything.
    """
    shares = dict.fromkeys(deployments, 0)
    if rollout is None or rollout.canary is None:
        shares[stable if rollout is None else rollout.stable] = 100
    else:
        shares[rollout.stable], shares[rollout.canary] = 100 - rollout.percent, rollout.percent
    return {deployments[version]: shares[version] for version in sorted(shares)}


def mirror_traffic(deployments: Mapping[int, str], rollout: Rollout | None) -> dict[str, int]:
    """Percent that is copied, by deployment; one at most, and none once the canary answers."""
    if rollout is None or rollout.canary is None or not rollout.mirrored:
        return {}
    return {deployments[rollout.canary]: rollout.mirrored}


def rollout_problems(rollout: Rollout | None, versions: Sequence[int], stable: int, *, arc: bool) -> list[str]:
    """What Azure cannot do of a rollout, and versions that it names and nobody deploys; a sentence each."""
    shown = ", ".join(map(str, sorted(versions)))
    if rollout is None:
        return [] if stable in versions else [_missing("version", stable, shown)]
    found = []
    for key in ("stable", "canary"):
        version = getattr(rollout, key)
        if version is not None and version not in versions:
            found.append(_missing(f"rollout.{key}", version, shown))
    if stable != rollout.stable:
        found.append(f"version is {stable} and rollout.stable {rollout.stable}; write the same version in both")
    if rollout.by != "gateway":
        found.append(f"rollout.by is {rollout.by}, which moves traffic on Kubernetes; Azure ML takes gateway")
    if rollout.mirror_percent and arc:
        found.append(
            "rollout.mirror_percent is for managed endpoints; one on an Arc cluster copies no requests: delete it"
        )
    elif rollout.mirror_percent > MOST_MIRRORED:
        found.append(
            f"rollout.mirror_percent {rollout.mirror_percent} is more than the {MOST_MIRRORED} % that Azure ML copies; "
            "lower it"
        )
    return found


def _missing(key: str, version: int, shown: str) -> str:
    return f"{key} is {version}, which is none of versions ({shown}); add it there"


def endpoint_template(
    *,
    auth_mode: str,
    public_access: bool,
    kind: str,
    tags: Mapping[str, str],
    traffic: Mapping[str, int],
    mirror_traffic: Mapping[str, int],
    has_compute: bool,
) -> dict[str, Any]:
    """Template that puts the endpoint with its traffic. What only Azure knows is a parameter: ``endpoint``
    (``<workspace>/<endpoint>``), ``location``, ``identity`` and ``compute``.

    Args:
        auth_mode: in Azure's words: Key, AMLToken or AADToken.
        public_access: whether the endpoint answers from the internet.
        kind: Managed or K8S.
        tags: of the endpoint.
        traffic: percent by deployment; they make 100.
        mirror_traffic: percent that is copied, by deployment.
        has_compute: whether the endpoint runs on a compute of the workspace.
    """
    properties: dict[str, Any] = {
        "authMode": auth_mode,
        "publicNetworkAccess": "Enabled" if public_access else "Disabled",
        "traffic": dict(traffic),
        "mirrorTraffic": dict(mirror_traffic),
    }
    parameters = {name: {"type": "string"} for name in ("endpoint", "location", "identity")}
    if has_compute:
        properties["compute"] = "[parameters('compute')]"
        parameters["compute"] = {"type": "string"}
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "resources": [
            {
                "type": _ENDPOINT,
                "apiVersion": API_VERSION,
                "name": "[parameters('endpoint')]",
                "location": "[parameters('location')]",
                "kind": kind,
                "tags": dict(tags),
                "identity": {
                    "type": "UserAssigned",
                    "userAssignedIdentities": {"[parameters('identity')]": {}},
                },
                "properties": properties,
            }
        ],
    }
