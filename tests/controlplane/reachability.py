"""Whether NetworkPolicies let traffic through, as cyclonus sees it: an evaluator that is not ours.

The API server stores NetworkPolicies and enforces nothing; a network plug-in would.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .api import Object
from .build import built

_VERDICT = re.compile(r"\bIS ALLOWED\?\s*\|\s*(true|false)", re.IGNORECASE)


@dataclass(frozen=True)
class Peer:
    """A pod, or without a namespace an address outside the cluster."""

    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    address: str = "10.40.1.5"

    def traffic(self) -> Object:
        if not self.namespace:
            return {"Internal": None, "IP": self.address}
        inside = {
            "PodLabels": dict(self.labels),
            "NamespaceLabels": {"kubernetes.io/metadata.name": self.namespace},
            "Namespace": self.namespace,
        }
        return {"Internal": inside, "IP": self.address}


@dataclass(frozen=True)
class Attempt:
    """Somebody opens a connection to a port."""

    source: Peer
    destination: Peer
    port: int
    protocol: str = "TCP"


PROXY = {
    "app.kubernetes.io/name": "envoy",
    "app.kubernetes.io/component": "proxy",
    "app.kubernetes.io/managed-by": "envoy-gateway",
}
GATEWAY = Peer("gateway-system", PROXY)
PROMETHEUS = Peer("monitoring", {"app.kubernetes.io/name": "prometheus"})
STRANGERS = {
    "controller of the gateway": Peer("gateway-system", {"app.kubernetes.io/name": "gateway-helm"}),
    "alertmanager": Peer("monitoring", {"app.kubernetes.io/name": "alertmanager"}),
    "pod that calls itself the gateway": Peer("attacker", PROXY),
    "pod that calls itself prometheus": Peer("attacker", {"app.kubernetes.io/name": "prometheus"}),
    "gateway's labels in prometheus' namespace": Peer("monitoring", PROXY),
    "address outside": Peer(address="203.0.113.7"),
    "address of the cluster's network": Peer(address="10.40.7.7"),
}
OTHER_PORTS = (22, 80, 443, 9443)
"""Ports that no server of ours has."""


def reachable(policies: Sequence[Object], attempts: Sequence[Attempt], folder: Path) -> list[bool]:
    """For each attempt, whether it gets out of its source and into its destination. ``folder`` is written to."""
    traffic = [
        {
            "Source": attempt.source.traffic(),
            "Destination": attempt.destination.traffic(),
            "ResolvedPort": attempt.port,
            "ResolvedPortName": "",
            "Protocol": attempt.protocol,
        }
        for attempt in attempts
    ]
    (folder / "traffic.json").write_text(json.dumps(traffic))
    listed = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": list(policies)}
    (folder / "policies.yaml").write_text(json.dumps(listed))
    tool = built("reachability")
    assert tool is not None
    command = [str(tool / "bin" / "cyclonus"), "analyze", "--mode=query-traffic", "--simplify-policies=false"]
    files = [f"--policy-path={folder / 'policies.yaml'}", f"--traffic-path={folder / 'traffic.json'}"]
    told = subprocess.run([*command, *files], capture_output=True, text=True, check=True).stdout
    verdicts = [verdict.lower() == "true" for verdict in _VERDICT.findall(told)]
    assert len(verdicts) == len(attempts), told[-3000:]
    return verdicts
