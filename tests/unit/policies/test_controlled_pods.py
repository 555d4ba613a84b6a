"""Pods that controllers make are judged as those of a Deployment, each where it is declared."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource

from .recorded import IMAGE, LABELS, RESTRICTED, TAGS, container, deployment, messages, resource

RUNTIME = "kubernetes:serving.kserve.io/v1alpha1:ServingRuntime"
TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
SHARE = {"requests": {"cpu": "4", "memory": "16Gi"}, "limits": {"nvidia.com/gpu": 1}}
BUDGET_RULE = "replicas-and-disruption-budget"
PINNED = "runs 'triton:26.07', whose tag can be moved to other contents; name the image by digest (@sha256:...), or by "
PINNED += "a tag of a repository with immutable tags."


def metadata(name: str) -> dict[str, Any]:
    return {"name": name, "namespace": "merchandising", "labels": dict(LABELS)}


def runtime(name: str = "tagging", **changes: Any) -> Resource:
    server = {"name": "kserve-container", "image": IMAGE, "securityContext": dict(RESTRICTED), **changes}
    return resource(RUNTIME, {"metadata": metadata(name), "spec": {"containers": [server]}}, name)


def service(name: str = "tagging", predictor: dict[str, Any] | None = None, **more: Any) -> Resource:
    """An InferenceService that every rule accepts, with :func:`runtime`."""
    model = {"runtime": name, "resources": SHARE}
    spec = {"predictor": {"model": model, "tolerations": [TOLERATION], **(predictor or {})}, **more}
    return resource(
        "kubernetes:serving.kserve.io/v1beta1:InferenceService", {"metadata": metadata(name), "spec": spec}, name
    )


def rollout(name: str = "tagging", **spec: Any) -> Resource:
    made = deployment(name, **spec)
    return resource("kubernetes:argoproj.io/v1alpha1:Rollout", made.inputs, name)


def server(**changes: Any) -> Resource:
    pods = {"containers": [{"name": "triton", "resources": SHARE, **changes}], "tolerations": [TOLERATION]}
    inputs = {"metadata": metadata("tagging"), "spec": {"podSpec": pods}}
    return resource("kubernetes:mlops.seldon.io/v1alpha1:Server", inputs, "tagging")


def router(**spec: Any) -> Resource:
    inputs = {"metadata": metadata("tagging"), "spec": {"nodes": {}, "resources": SHARE["requests"], **spec}}
    return resource("kubernetes:serving.kserve.io/v1alpha1:InferenceGraph", inputs, "tagging")


def unjudged(rule: str, path: str) -> str:
    return (
        f"can't run policy '{rule}' from policy pack 'modelyard@v0.0.1' during preview: string value at .{path} "
        "can't be known during preview"
    )


def transformer(**changes: Any) -> dict[str, Any]:
    return {"containers": [container(resources={"requests": SHARE["requests"]}, **changes)]}


@pytest.mark.parametrize(
    ("rule", "found", "expected"),
    [
        ("image-pinned", [runtime(), service()], []),
        ("image-pinned", [runtime(image="triton:26.07"), service()], [f"container 'kserve-container' {PINNED}"]),
        (
            "image-pinned",
            [runtime(), service(transformer=transformer(image="triton:26.07"))],
            [f"transformer: container 'triton' {PINNED}"],
        ),
        ("image-pinned", [server(), router()], []),
        ("image-pinned", [server(image="triton:26.07")], [f"container 'triton' {PINNED}"]),
        ("image-pinned", [rollout(pod={"containers": [container(image="triton:26.07")]})],
         [f"container 'triton' {PINNED}"]),
        ("gpu-limits-and-tolerations", [runtime(), service()], []),
        (
            "gpu-limits-and-tolerations",
            # The runtime brings the GPU, and nobody the toleration.
            [
                runtime("own", resources=SHARE),
                service("own", {"model": {"runtime": "own"}, "tolerations": []}),
            ],
            [
                "predictor: the pods use nvidia.com/gpu and do not tolerate the taint nvidia.com/gpu=present:"
                "NoSchedule, so no GPU node takes them; add the toleration {key: nvidia.com/gpu, operator: Exists, "
                "effect: NoSchedule}."
            ],
        ),
        (
            "gpu-limits-and-tolerations",
            [service("of-another-stack", {"model": {"runtime": "elsewhere"}})],
            [unjudged("gpu-limits-and-tolerations", "spec.containers.0.resources")],
        ),
        ("resource-requests", [runtime("asks", resources=SHARE), service("asks", {"model": {"runtime": "asks"}})], []),
        (
            "resource-requests",
            [runtime("bare"), service("bare", {"model": {"runtime": "bare"}})],
            [
                "predictor: container 'kserve-container' requests no cpu and no memory, so it is placed and charged as "
                "if it needed none; set resources.requests."
            ],
        ),
        ("resource-requests", [service("of-another-stack", {"model": {"runtime": "elsewhere"}})], []),
        ("resource-requests", [router(resources=None)],
         ["container 'router' requests no cpu and no memory, so it is placed and charged as if it needed none; set "
          "resources.requests."]),
        ("pod-security", [runtime(), service()], []),
        (
            "pod-security",
            [runtime(securityContext={**RESTRICTED, "privileged": True}), service()],
            [
                "predictor: container 'kserve-container' is privileged, which makes it root on the node; leave "
                "securityContext.privileged out."
            ],
        ),
        (
            "pod-security",
            # The pod's context counts for what the runtime's container leaves open.
            [
                runtime("open", securityContext={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}),
                service("open", {"securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}}}),
            ],
            [],
        ),
        (
            "pod-security",
            [service("of-another-stack", {"model": {"runtime": "elsewhere"}})],
            [unjudged("pod-security", "spec.containers.0.securityContext")],
        ),
        ("pod-security", [router()], []),
        ("pod-security", [server()], [unjudged("pod-security", "spec.containers.0.securityContext")]),
        (
            "secrets-not-in-env",
            [runtime(env=[{"name": "API_KEY", "value": "x"}]), service()],
            [
                "container 'kserve-container' gives 'API_KEY' its value in plain text; keep it in a Secret and refer "
                "to it with valueFrom.secretKeyRef."
            ],
        ),
        (
            "secrets-not-in-env",
            [runtime(), service(predictor={"model": {"runtime": "tagging", "env": [{"name": "TOKEN", "value": "x"}]}})],
            [
                "predictor: container 'kserve-container' gives 'TOKEN' its value in plain text; keep it in a Secret "
                "and refer to it with valueFrom.secretKeyRef."
            ],
        ),
        ("department-tag", [runtime(), service(), server(), router(), rollout()], []),
        (
            "department-tag",
            [service(predictor={"labels": {"modelyard.dev/department": ""}, "model": {}})],
            [
                "predictor: the pod template's metadata.labels have no 'modelyard.dev/department', so nobody pays "
                "for it; name the department, or 'platform' for what all of them share."
            ],
        ),
        (
            "spot-not-alone",
            [service(predictor={"nodeSelector": {"karpenter.sh/capacity-type": "spot"}, "model": {}})],
            [
                "predictor: the pods run only on nodes with karpenter.sh/capacity-type 'spot', so all replicas can be "
                "gone at once; let them run on on-demand nodes too."
            ],
        ),
    ],
)  # fmt: skip
def test_a_rule_on_pods_sees_them(rule: str, found: list[Resource], expected: list[str]) -> None:
    assert messages(rule, *found) == expected


def test_an_image_known_after_up_is_judged_by_its_repository() -> None:
    repository = resource("aws:ecr/repository:Repository", {"tags": TAGS, "imageTagMutability": "MUTABLE"}, "models")
    made = runtime(image=UNKNOWN)
    made.property_dependencies = {"spec": (repository.urn,)}
    assert messages("image-pinned", repository, made, service()) == [
        "container 'kserve-container' runs an image of repository 'models', whose tags can be moved; name the image by "
        "digest (@sha256:...), or by a tag of a repository with immutable tags."
    ]


def budget(**labels: str) -> Resource:
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": labels or {"app": "tagging"}}}
    return resource("kubernetes:policy/v1:PodDisruptionBudget", {"metadata": metadata("b"), "spec": spec})


def scaled(target: str, kind: str, least: int, *windows: int, wakes: bool = True) -> Resource:
    hours = {"timezone": "UTC", "start": "0 8 * * *", "end": "0 20 * * *"}
    triggers: list[dict[str, Any]] = [{"type": "cpu"}, *([{"type": "prometheus"}] if wakes else [])]
    triggers += [{"type": "cron", "metadata": {**hours, "desiredReplicas": str(each)}} for each in windows]
    spec = {"scaleTargetRef": {"kind": kind, "name": target}, "minReplicaCount": least, "triggers": triggers}
    inputs = {"metadata": metadata("scaler"), "spec": spec}
    return resource("kubernetes:keda.sh/v1alpha1:ScaledObject", inputs, "scaler")


def few(what: str, count: int) -> str:
    return (
        f"the {what} keeps {count} replicas, so a lost node means no answers; keep at least 2 (minReplicas of its "
        "autoscaler, or spec.replicas)."
    )


def unguarded(what: str) -> str:
    return (
        f"no PodDisruptionBudget selects the pods of this {what}, so a drain may take all of them at once; add one "
        "with maxUnavailable 1."
    )


NIGHT = (
    "the Deployment has no replica outside of the hours that its autoscaler names, and nothing wakes it then; add a "
    "trigger that counts requests at the gateway, or keep a replica."
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([service(predictor={"minReplicas": 2}), budget()], []),
        ([service(predictor={"minReplicas": 2}), budget(component="predictor")], []),
        (
            [service(transformer={"containers": [], "minReplicas": 2}), budget(component="predictor")],
            [few("InferenceService (tagging-predictor)", 1), unguarded("InferenceService (tagging-transformer)")],
        ),
        ([router(minReplicas=1), budget(app="other")], [few("InferenceGraph", 1), unguarded("InferenceGraph")]),
        ([router(minReplicas=2), budget(**{"serving.kserve.io/inferencegraph": "tagging"})], []),
        ([rollout(replicas=1), budget()], [few("Rollout", 1)]),
        ([server(), budget(**{"seldon-server-name": "tagging"})], [few("Server", 1)]),
        # A model that sleeps: its owner says so, and a request wakes it.
        ([deployment(), scaled("tagging", "Deployment", 0), budget()], []),
        ([deployment(), scaled("tagging", "Deployment", 0, 2), budget()], []),
        ([deployment(), scaled("tagging", "Deployment", 0, 1, 2), budget()], []),
        ([deployment(), scaled("tagging", "Deployment", 0, 1), budget()], [few("Deployment", 1)]),
        ([deployment(), scaled("tagging", "Deployment", 1, 2), budget()], []),
        ([deployment(), scaled("tagging", "Deployment", 0, wakes=False), budget()], [few("Deployment", 0)]),
        ([deployment(), scaled("tagging", "Deployment", 0, 2, wakes=False), budget()], [NIGHT]),
        ([deployment(replicas=0), budget()], [few("Deployment", 0)]),
    ],
)
def test_replicas_and_disruption_budget(found: list[Resource], expected: list[str]) -> None:
    assert messages(BUDGET_RULE, *found) == expected


def asleep(what: str, when: str) -> str:
    return (
        f"the {what} has no replica {when}: the request that wakes it is not answered until a pod has started, which "
        "takes minutes; keep a replica where callers cannot wait."
    )


def knative(**predictor: Any) -> Resource:
    made = service(predictor=predictor)
    made.inputs["metadata"]["annotations"] = {"serving.kserve.io/deploymentMode": "Knative"}
    return made


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([deployment(), scaled("tagging", "Deployment", 0)], [asleep("Deployment", "while nobody asks")]),
        ([deployment(), scaled("tagging", "Deployment", 0, 2)], [asleep("Deployment", "outside of its windows")]),
        ([deployment(), scaled("tagging", "Deployment", 0, 2, wakes=False)], []),
        ([deployment(), scaled("tagging", "Deployment", 1)], []),
        ([rollout(), scaled("tagging", "Rollout", 0)], [asleep("Rollout", "while nobody asks")]),
        (
            [service(), scaled("tagging-predictor", "Deployment", 0)],
            [asleep("InferenceService (tagging-predictor)", "while nobody asks")],
        ),
        ([knative(minReplicas=0)], [asleep("InferenceService (tagging-predictor)", "while nobody asks")]),
        ([service(predictor={"minReplicas": 0})], []),
        ([deployment(replicas=0)], []),
    ],
)
def test_who_may_sleep_is_told(found: list[Resource], expected: list[str]) -> None:
    assert messages("model-may-sleep", *found) == expected


STILL = "maxSurge and maxUnavailable are both 0, so no pod may ever be exchanged; set one of them to 1."
STUCK = {"maxSurge": 0, "maxUnavailable": 0}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([rollout(strategy={"canary": STUCK})], [STILL]),
        ([service(predictor={"deploymentStrategy": {"rollingUpdate": STUCK}})], [STILL]),
        ([service(predictor={"deploymentStrategy": {"rollingUpdate": {"maxSurge": 1}}})], []),
    ],
)
def test_a_strategy_that_cannot_move_is_told(found: list[Resource], expected: list[str]) -> None:
    assert messages("rollout-not-blocked", *found) == expected


@pytest.mark.parametrize(("most", "fits"), [(4, True), (3, False)])
def test_a_release_that_a_controller_moves_needs_room_for_all(most: int, fits: bool) -> None:
    labels = {"modelyard.dev/pool": "l4", "modelyard.dev/cluster": "use1"}
    group = resource(
        "aws:eks/nodeGroup:NodeGroup",
        {
            "instanceTypes": ["g6.xlarge"],
            "scalingConfig": {"minSize": 0, "desiredSize": 1, "maxSize": most},
            "labels": labels,
        },
        "l4",
    )
    small = container(resources={"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"nvidia.com/gpu": 1}})
    strategy = {"canary": {"trafficRouting": {"plugins": {}}, "maxSurge": 0, "maxUnavailable": 1}}
    made = rollout(pod={"containers": [small], "nodeSelector": labels}, replicas=2, strategy=strategy)
    made.inputs["spec"]["template"]["metadata"]["annotations"] = labels
    told = (
        "a release runs beside all pods that serve until it ends, and pool 'l4' has no room for as many again when its "
        "autoscalers are at their maximum; raise the pool's maxSize, or lower the most replicas."
    )
    assert messages("rollout-not-blocked", group, made) == ([] if fits else [told])
