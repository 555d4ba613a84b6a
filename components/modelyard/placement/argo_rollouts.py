"""Pods of a Rollout of Argo Rollouts (``argoproj.io/v1alpha1``)."""

from __future__ import annotations

from collections.abc import Iterable

from modelyard.graph import Resource
from modelyard.placement.claims import Claims
from modelyard.placement.reading import at, mapping, whole
from modelyard.placement.replicas import Autoscalers, Replicas
from modelyard.placement.workload import Workload, workload_of

ROLLOUT = "kubernetes:argoproj.io/v1alpha1:Rollout"


def rollout_workloads(rollout: Resource, autoscalers: Autoscalers, claims: Claims | None = None) -> Iterable[Workload]:
    """The pods of one version; during a release as many again run beside them where a traffic router splits requests,
    and in blue-green: the stable ones stay until the last step. Without a router a canary takes the place of stable
    pods, as in a Deployment.

    One that refers to a Deployment (``workloadRef``) has the pods of that, which the graph holds.
    """
    spec = mapping(rollout.inputs.get("spec"))
    if spec.get("workloadRef") is not None:
        return
    canary = mapping(at(spec, "strategy", "canary"))
    beside = bool(canary.get("trafficRouting")) or at(spec, "strategy", "blueGreen") is not None
    replicas = autoscalers.of(rollout) or Replicas.fixed(whole(spec.get("replicas", 1)))
    template = mapping(spec.get("template"))
    yield workload_of(rollout, template, replicas, strategy=canary, beside=beside, claims=claims)
