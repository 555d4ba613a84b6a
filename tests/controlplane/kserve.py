"""KServe's own controller, beside the control plane, with its webhooks."""

from __future__ import annotations

import base64
import json
import shutil
from typing import Any

from .api import Api, Object, until
from .build import built
from .control_plane import ControlPlane
from .definitions import things
from .nodes import SECONDS

NAMESPACE = "kserve"

_PORT = 9443
_NAME = "kserve"


def start(plane: ControlPlane, api: Api, configuration: Object | None = None) -> None:
    """The controller with KServe's own configuration, and its webhooks before every request that they are for.

    It listens on every address of its network namespace, which is the control plane's own.

    Args:
        plane: where it runs.
        api: a connection to it.
        configuration: the ConfigMap in place of KServe's own.
    """
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    api.apply(_configuration() if configuration is None else configuration)
    # The webhooks' certificate is the API server's: both are 127.0.0.1.
    certificates = plane.folder / "k8s-webhook-server" / "serving-certs"
    certificates.mkdir(parents=True)
    for name in ("crt", "key"):
        shutil.copy(plane.certificate.with_suffix(f".{name}"), certificates / f"tls.{name}")
    tool = built("kserve")
    assert tool is not None
    plane.start(
        _NAME,
        [str(tool / "bin" / "manager"), f"--webhook-port={_PORT}"],
        {"KUBECONFIG": str(plane.folder / "kubeconfig-inside"), "POD_NAMESPACE": NAMESPACE},
    )
    until(lambda: _serves(plane), SECONDS, lambda: plane.log(_NAME)[-3000:])
    bundle = base64.b64encode(plane.certificate.read_bytes()).decode()
    for configuration in things("kserve", "webhook"):
        for webhook in configuration["webhooks"]:
            path = webhook["clientConfig"]["service"]["path"]
            webhook["clientConfig"] = {"url": f"https://127.0.0.1:{_PORT}{path}", "caBundle": bundle}
            webhook["timeoutSeconds"] = 30  # as many as there may be
        api.create(configuration)


def ready(api: Api, thing: Object) -> bool:
    """Whether what Pulumi waits for has come: the annotation ``pulumi.com/waitFor`` of an object of ours says what.

    KServe calls a service Ready whose only pod may be missing by its rollout strategy, so that Ready alone says little.
    """
    status = api.request("GET", api.path(thing)).get("status", {})
    wanted = thing["metadata"]["annotations"]["pulumi.com/waitFor"]
    return all(_holds(status, each) for each in (json.loads(wanted) if wanted.startswith("[") else [wanted]))


def condition(api: Api, thing: Object, name: str) -> str | None:
    """``True``, ``False``, ``Unknown``, or None where the controller has said nothing yet."""
    found = api.request("GET", api.path(thing)).get("status", {}).get("conditions", [])
    return next((each["status"] for each in found if each["type"] == name), None)


def conditions(api: Api, thing: Object) -> str:
    status = api.request("GET", api.path(thing)).get("status", {})
    return json.dumps(status.get("conditions"), indent=1)


def _holds(status: Object, wanted: str) -> bool:
    kind, _, what = wanted.partition("=")
    if kind == "condition":
        return any(each["type"] == what and each["status"] == "True" for each in status.get("conditions", []))
    path, _, value = what.partition("}")
    assert kind == "jsonpath" and path.startswith("{.status."), wanted
    found: Any = status
    for step in path.removeprefix("{.status.").split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found == value.removeprefix("=") if value else found is not None


def _configuration() -> Object:
    """As it is published, but for what names software that is not here: Istio and Knative's defaults."""
    (configuration,) = things("kserve", "configmap")
    data = {key: value for key, value in configuration["data"].items() if key != "_example"}
    data["deploy"] = json.dumps({"defaultDeploymentMode": "Standard"})
    data["ingress"] = json.dumps({**json.loads(data["ingress"]), "disableIstioVirtualHost": True})
    return {**configuration, "metadata": {"name": "inferenceservice-config", "namespace": NAMESPACE}, "data": data}


def _serves(plane: ControlPlane) -> bool:
    plane.check()
    return "Serving webhook server" in plane.log(_NAME)
