"""Models whose rollout a controller has, and what ``pulumi up`` does with them."""

from __future__ import annotations

import copy
import json
from typing import Any

from modelyard.environment.rollout import Rollout
from modelyard.governance.ownership import Ownership
from modelyard.serving.rollout.argo_rollouts import argo_objects
from modelyard.serving.rollout.controlled import ControlledObjects, release
from modelyard.serving.rollout.flagger import flagger_objects
from modelyard.serving.triton.service_declaration import declaration, triton_workload
from modelyard.serving.workload.workload import Workload

from .api import FIELD_MANAGER, Api, Object, Refused
from .rollout_controllers import PROMETHEUS_URL

SHOP = Ownership("shop", "CC-2000", "prod", "shop@retail.example")
STEPS = [10, 50, 100]
GATES = {"error_rate": 0.01, "p99_ms": 80, "window_minutes": 1, "least_requests": 5}
DIGEST = "modelyard.dev/artefact-digest"


def objects(by: str, model: str, stable: int, canary: int | None = None, **changes: Any) -> ControlledObjects:
    """Of a model whose gates are asked at every step; no step is held for longer than its gates take.

    Flagger's interval is 10 seconds, the shortest that it keeps to: the manifests have a minute at least. The newest
    Flagger that is a Go module knows Kubernetes 1.27, and copies no ``preStop`` that sleeps: here there is none.
    """
    rollout = Rollout.model_validate(
        {"stable": stable, "canary": canary, "by": by, "steps": STEPS, "pause_minutes": 0, "gates": GATES}
    )
    before = _workload(model, stable, **changes)
    if canary is None:
        found = release(before, rollout)
    else:
        after = _workload(model, canary, **changes)
        found = release(before, rollout, after.server, after.stored)
    made = (argo_objects if by == "argo_rollouts" else flagger_objects)(found, prometheus_url=PROMETHEUS_URL)
    for each in made.after:
        if each["kind"] == "Canary":
            each["spec"]["analysis"]["interval"] = "10s"
            del made.pods["spec"]["template"]["spec"]["containers"][0]["lifecycle"]
    return made


def up(api: Api, wanted: ControlledObjects, there: ControlledObjects | None = None) -> None:
    """What Pulumi's Kubernetes provider does: nothing where an object is declared as before. An apply leaves out what
    it was told to ignore and somebody else has written, and is refused where it would take another's field. What is no
    longer declared is deleted last.
    """
    before = {_key(each): each for each in (there.all if there else [])}
    for each in wanted.all:
        if before.pop(_key(each), None) != each:
            apply_as_pulumi(api, each, wanted.owned.get(each["kind"], ()))
    for each in before.values():
        api.delete(each)


def apply_as_pulumi(api: Api, manifest: Object, ignored: tuple[str, ...]) -> None:
    """
    Raises:
        Refused: a field is somebody else's.
    """
    thing = copy.deepcopy(manifest)
    live = _live(api, thing)
    if live is not None:
        for path in ignored:
            _leave(thing, live, path.split("."))
    annotations = thing["metadata"].get("annotations", {})
    api.apply(thing, force=live is None or annotations.get("pulumi.com/patchForce") == "true")


def canary_weights(api: Api, model: str, since: str) -> list[int]:
    """Every share that the route has given to the canary since a version of the list of routes, in order, from the
    first that is not 0."""
    found: list[int] = []
    for route in [*_history(api, model, since), api.get(*ROUTE, model, SHOP.department)]:
        share = canary_weight(route)
        if share != (found[-1] if found else 0):
            found.append(share)
    return found


ROUTE = ("gateway.networking.k8s.io/v1", "HTTPRoute")


def canary_weight(route: Object) -> int:
    """Of every rule; they never differ."""
    shares = {each["backendRefs"][1].get("weight", 1) for each in route["spec"]["rules"]}
    assert len(shares) == 1, shares
    return shares.pop()


def now(api: Api) -> str:
    """The version of the list of routes."""
    return api.request("GET", _routes(api))["metadata"]["resourceVersion"]


def serving_version(api: Api, by: str, model: str) -> set[str]:
    """First letter of the digest of the model in the pods that the stable Service leads to."""
    service = api.get("v1", "Service", model, SHOP.department)
    chosen = ",".join(f"{key}={value}" for key, value in service["spec"]["selector"].items())
    pods = api.list("v1", "Pod", SHOP.department, chosen)
    return {each["metadata"]["annotations"][DIGEST][0] for each in pods if "deletionTimestamp" not in each["metadata"]}


def _workload(model: str, version: int, **changes: Any) -> Workload:
    file = {"path": f"{model}/{version}/model.onnx", "sha256": str(version) * 64, "size_bytes": 1}
    arguments: Any = {
        "ownership": SHOP.args(),
        "model": model,
        "cluster": "east",
        "stored": {
            "bucket": "retail-prod-models",
            "prefix": f"shop/{model}",
            "region": "us-east-1",
            "digest": str(version) * 64,
            "files": [file],
        },
        "version": version,
        "resources": {"gpus": 0},
        "scaling": {"min_replicas": 1, "max_replicas": 2},
        "hostname": f"{model}.east.ml.example.org",
        **changes,
    }
    return triton_workload(declaration(model, arguments))


def _key(manifest: Object) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def _live(api: Api, thing: Object) -> Object | None:
    try:
        return api.request("GET", api.path(thing))
    except Refused as refused:
        if refused.status != 404:
            raise
        return None


def _leave(thing: Object, live: Object, path: list[str]) -> None:
    """Out of the apply where it is another's alone; as it is where it is ours."""
    ours, theirs = (
        any(_has(each["fieldsV1"], path) for each in live["metadata"]["managedFields"] if mine(each["manager"]))
        for mine in (lambda name: name == FIELD_MANAGER, lambda name: name != FIELD_MANAGER)
    )
    wanted, found = thing, live
    for step in path[:-1]:
        wanted, found = wanted[step], found[step]
    if theirs and not ours:
        del wanted[path[-1]]
    else:
        wanted[path[-1]] = found[path[-1]]


def _has(fields: Object, path: list[str]) -> bool:
    for step in path:
        if f"f:{step}" not in fields:
            return False
        fields = fields[f"f:{step}"]
    return True


def _history(api: Api, model: str, since: str) -> list[Object]:
    """The API server tells a watcher all that has happened since, before it waits for more."""
    query = {"watch": "true", "resourceVersion": since, "timeoutSeconds": "1"}
    told = api.request("GET", _routes(api), query, text=True)
    events = [json.loads(line) for line in told.splitlines()]
    return [
        each["object"] for each in events if each["type"] != "ERROR" and each["object"]["metadata"]["name"] == model
    ]


def _routes(api: Api) -> str:
    return api.collection({"apiVersion": ROUTE[0], "kind": ROUTE[1], "metadata": {"namespace": SHOP.department}})
