"""Server, Model and Experiment (``mlops.seldon.io/v1alpha1``) and the objects around them."""

from __future__ import annotations

from math import ceil
from typing import Any

from ...catalog.seldon_requirements import CONTAINERS
from ..workload.deployment import deployment, pod_annotations
from ..workload.identity import account_annotations, pod_identity_labels
from ..workload.pod_disruption_budget import pod_disruption_budget
from ..workload.probes import load_seconds, pod_start_seconds
from ..workload.quantities import gibibytes
from ..workload.workload import Workload
from .network_policy import network_policy
from .route import route
from .served_model import ServedModel, Tracks, metadata
from .storage import secret_name, storage_secret, storage_uri

GROUP = "mlops.seldon.io/v1alpha1"
LOAD_MINUTES = 120
"""Seldon's agent gives up a model that is not loaded by then (``maxLoadElapsedTimeMinutes`` of the values of Seldon's
chart, 2.9)."""
PRELOADED_SECRET = "seldon-rclone-gs-public"
"""Secret that Seldon's default configuration has every agent load."""


def server(served: ServedModel, env_secret: Any = None) -> dict[str, Any] | None:
    """A Server of the model's own; None where it shares one.

    Seldon makes its StatefulSet, from the ServerConfig and with our fields over it: nodes, tolerations, identity and
    the share of the container that serves. ``env_secret`` names the Secret behind ``workload.secret_env``.
    """
    if served.shared_server is not None:
        return None
    workload = served.workload
    pod = deployment(workload, env_secret)["spec"]["template"]["spec"]
    kept = (
        "serviceAccountName",
        "nodeSelector",
        "affinity",
        "tolerations",
        "priorityClassName",
        "securityContext",
    )
    (container,) = pod["containers"]
    own = {"name": CONTAINERS[workload.server.runtime], "resources": container["resources"]}
    given = [each for each in container["env"] if each["name"] in (*workload.env, *workload.secret_env)]
    if given:
        own["env"] = given
    if workload.server.image is not None:
        own["image"] = workload.server.image
    made = metadata(served, None, **pod_annotations(workload), **_awaited(served))
    made["labels"] = {**made["labels"], **pod_identity_labels(workload.identity)}
    return {
        "apiVersion": GROUP,
        "kind": "Server",
        "metadata": made,
        "spec": {
            "serverConfig": served.server_config,
            "extraCapabilities": [served.name],
            "replicas": max(workload.scaling.min_replicas, 1),
            "minReplicas": max(workload.scaling.min_replicas, 1),
            "maxReplicas": workload.scaling.max_replicas,
            "podSpec": {
                **{key: pod[key] for key in kept if key in pod},
                "containers": [own, *_patient_agent(workload)],
            },
        },
    }


def model(served: ServedModel) -> dict[str, Any]:
    """The Model. Seldon loads it on a Server that has its requirements, and it is Ready when it can be asked.

    Its requirements name its own Server besides, so that no other takes it. Pulumi waits until it is Ready.
    """
    scaling = served.workload.scaling
    requirements = [served.requirement, *([served.name] if served.shared_server is None else [])]
    spec: dict[str, Any] = {
        "storageUri": storage_uri(served),
        "secretName": secret_name(served),
        "requirements": requirements,
        "server": served.server,
        "replicas": max(scaling.min_replicas, 1),
        "minReplicas": max(scaling.min_replicas, 1),
        "maxReplicas": scaling.max_replicas,
    }
    if served.by_version:
        spec["artifactVersion"] = served.version
    if served.memory_gib is not None:
        spec["memory"] = gibibytes(served.memory_gib)
    digest = {"modelyard.dev/artefact-digest": served.workload.stored.digest}
    return {
        "apiVersion": GROUP,
        "kind": "Model",
        "metadata": metadata(served, None, **digest, **_awaited(served)),
        "spec": spec,
    }


def experiment(tracks: Tracks) -> dict[str, Any] | None:
    """The split of a rollout, on the stable model's own endpoint; None where everybody gets the stable version.

    Seldon starts it when all its models are Ready, so that no weight goes ahead of a canary.
    """
    rollout, canary = tracks.rollout, tracks.canary
    if rollout is None or canary is None or not (rollout.percent or rollout.mirrored):
        return None
    spec: dict[str, Any] = {"default": tracks.stable.name, "resourceType": "model"}
    if rollout.percent:
        spec["candidates"] = [
            {"name": tracks.stable.name, "weight": 100 - rollout.percent},
            {"name": canary.name, "weight": rollout.percent},
        ]
    else:
        spec["candidates"] = [{"name": tracks.stable.name, "weight": 100}]
        spec["mirror"] = {"name": canary.name, "percent": rollout.mirrored}
    return {
        "apiVersion": GROUP,
        "kind": "Experiment",
        "metadata": metadata(tracks.stable),
        "spec": spec,
    }


def service_account(served: ServedModel) -> dict[str, Any]:
    """Who the Server's pods are to the cloud of the model store, and, through Seldon's own binding, to the cluster:
    its agent reads the Secrets that Models name, so that the token is mounted."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(served, None, **account_annotations(served.workload.identity)),
    }


def agent_access(served: ServedModel) -> list[dict[str, Any]]:
    """The right of the Server's agent to read the Secret that its Model names and the one that Seldon loads at the
    start, and no other."""
    named = metadata(served, f"{served.name}-agent")
    readable = [secret_name(served), PRELOADED_SECRET]
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": named,
        "rules": [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": readable, "verbs": ["get"]}],
    }
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": named,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": f"{served.name}-agent"},
        "subjects": [{"kind": "ServiceAccount", "name": served.name, "namespace": served.workload.namespace}],
    }
    return [role, binding]


def disruption_budget(served: ServedModel) -> dict[str, Any]:
    """One pod of the Server at a time, so that a drain always ends. Pods are found by Seldon's own label."""
    made = pod_disruption_budget(served.workload)
    made["metadata"] = metadata(served)
    made["spec"]["selector"] = {"matchLabels": {"seldon-server-name": served.name}}
    return made


def before_server(served: ServedModel) -> list[dict[str, Any]]:
    """What must be there when the Server's first pod starts; the Secret alone where the Server is shared."""
    if served.shared_server is not None:
        return [storage_secret(served)]
    return [
        service_account(served),
        *agent_access(served),
        storage_secret(served),
        network_policy(served),
        disruption_budget(served),
    ]


def manifests(tracks: Tracks) -> list[dict[str, Any]]:
    """All of them, in the order in which they can be applied."""
    made: list[dict[str, Any]] = []
    for served in (tracks.stable, tracks.canary):
        if served is not None:
            own = server(served)
            made += [*before_server(served), *([own] if own is not None else []), model(served)]
    found = experiment(tracks)
    return [*made, *([found] if found is not None else []), *reversed(route(tracks.workload, tracks.stable.name) or ())]


def _patient_agent(workload: Workload) -> list[dict[str, Any]]:
    """Of the container that copies a model and has it loaded: more than its two hours, where that takes longer."""
    minutes = ceil(2 * load_seconds(workload) / 60)
    if minutes <= LOAD_MINUTES:
        return []
    return [{"name": "agent", "env": [{"name": "SELDON_MAX_LOAD_ELAPSED_TIME_MINUTES", "value": str(minutes)}]}]


def _awaited(served: ServedModel) -> dict[str, str]:
    return {
        "pulumi.com/waitFor": "condition=Ready",
        "pulumi.com/timeoutSeconds": str(2 * pod_start_seconds(served.workload)),
    }
