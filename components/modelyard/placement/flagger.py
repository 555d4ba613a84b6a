"""Pods of a Deployment that a Canary of Flagger targets (``flagger.app/v1beta1``)."""

from __future__ import annotations

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import at, text
from modelyard.placement.replicas import namespace

CANARY = "kubernetes:flagger.app/v1beta1:Canary"


class Canaries:
    """The Deployments of a graph that Flagger copies.

    Its copy, ``<name>-primary``, has the same pods and the same autoscaler and serves; the Deployment itself has no pod
    but during a release, when all of them run beside the primary's
    (https://docs.flagger.app/usage/how-it-works).
    """

    def __init__(self, graph: ResourceGraph) -> None:
        self._targets = {
            (canary.provider, namespace(canary), text(at(canary.inputs, "spec", "targetRef", "name")))
            for canary in graph.of_type(CANARY)
        }

    def primary_of(self, deployment: Resource) -> str | None:
        """Name of the copy that serves; None where Flagger does not know the Deployment."""
        if not self._targets:
            return None
        name = text(at(deployment.inputs, "metadata", "name"))
        found = name is not None and (deployment.provider, namespace(deployment), name) in self._targets
        return f"{name}-primary" if found else None
