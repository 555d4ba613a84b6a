"""A model version deployed to an endpoint, without traffic: who gets requests is the traffic split's to say
(REST v1, ``endpoints.deployModel``, ``mutateDeployedModel``, ``undeployModel``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

from .property_changes import changed, same
from .provider import VertexProvider
from .refusal import VertexError
from .rest_api import VertexApi

_DEPLOY_MINUTES = 150.0
"""A deployment may take two hours (``ModelContainerSpec.deploymentTimeout``)."""
_UNDEPLOY_MINUTES = 60.0
_DEDICATED = (
    "machineSpec",
    "minReplicaCount",
    "maxReplicaCount",
    "requiredReplicaCount",
    "autoscalingMetricSpecs",
    "spot",
)
_ITS_OWN = (
    "serviceAccount", "disableContainerLogging", "enableAccessLogging", "explanationSpec", "fasterDeploymentConfig",
)  # fmt: skip


class DeployedModelProvider(VertexProvider):
    """Its id is ``<endpoint>/deployedModels/<id>``."""

    RESOURCE = "DeployedModel"
    REQUIRED = ("location", "endpoint", "model", "displayName", "machineSpec", "minReplicaCount", "maxReplicaCount")
    OUTPUTS = ("deployedModelId",)

    def problems(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        least, most = inputs.get("minReplicaCount"), inputs.get("maxReplicaCount")
        if not isinstance(least, int | float) or not isinstance(most, int | float):
            return
        if least < 1:
            yield "minReplicaCount", f"is {least:g}; Vertex AI keeps at least one replica"
        if least > most:
            yield "maxReplicaCount", f"is {most:g}, less than minReplicaCount {least:g}"
        required = inputs.get("requiredReplicaCount")
        if isinstance(required, int | float) and required > least:
            yield "requiredReplicaCount", f"is {required:g}, more than minReplicaCount {least:g}"

    def create(self, props: dict[str, Any]) -> CreateResult:
        inputs, api = self.inputs(props), self.api(props)
        endpoint, doing = inputs["endpoint"], f"deploy {inputs['displayName']} to {inputs['endpoint']}"
        name = f"{inputs['displayName']}-{self.content(inputs)[:8]}"
        number = self._left_behind(api, endpoint, name, doing)
        if number is None:
            body = {"deployedModel": {"displayName": name, **_deployed(inputs)}}
            answer = api.done(api.post(f"{endpoint}:deployModel", body, doing), doing, _DEPLOY_MINUTES)
            number = str(answer["deployedModel"]["id"])
        return CreateResult(f"{endpoint}/deployedModels/{number}", {**inputs, "deployedModelId": number})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        inputs, number = self.inputs(props), id_.rpartition("/")[2]
        found = _find(self.api(props).get(inputs["endpoint"], f"read {inputs['endpoint']}"), "id", number)
        if found is None:
            return ReadResult("", {})
        dedicated = found.get("dedicatedResources", {})
        for name in ("minReplicaCount", "maxReplicaCount", "requiredReplicaCount", "autoscalingMetricSpecs"):
            # What the program leaves out is Vertex AI's to fill in.
            if name in inputs and not same(inputs[name], dedicated.get(name)):
                inputs[name] = dedicated.get(name, [] if name == "autoscalingMetricSpecs" else 0)
        if not same(inputs.get("disableContainerLogging"), found.get("disableContainerLogging")):
            inputs["disableContainerLogging"] = bool(found.get("disableContainerLogging"))
        return ReadResult(id_, {**inputs, "deployedModelId": number}, inputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        inputs, number = self.inputs(_news), _id.rpartition("/")[2]
        differ = changed(self.RESOURCE, _olds, _news, "update")
        if differ:
            doing = f"change {inputs['displayName']} on {inputs['endpoint']}"
            body = {"id": number, **_deployed(inputs)}
            mask = [f"dedicatedResources.{name}" if name in _DEDICATED else name for name in differ]
            api = self.api(_news)
            begun = api.post(
                f"{inputs['endpoint']}:mutateDeployedModel",
                {"deployedModel": body, "updateMask": ",".join(mask)},
                doing,
            )
            api.done(begun, doing, _DEPLOY_MINUTES)
        return UpdateResult({**inputs, "deployedModelId": number})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        endpoint, _, number = _id.rpartition("/deployedModels/")
        api, doing = self.api(_props), f"undeploy {_props.get('displayName', number)} from {endpoint}"
        found = api.get(endpoint, doing)
        if _find(found, "id", number) is None:
            return
        share = _share(found, number)
        if share:
            raise VertexError(
                f"did not {doing}: it still answers {share} % of the requests; somebody else has moved them there, so "
                "move them away, or run `pulumi refresh` and deploy again"
            )
        api.done(api.post(f"{endpoint}:undeployModel", {"deployedModelId": number}, doing), doing, _UNDEPLOY_MINUTES)

    @staticmethod
    def _left_behind(api: VertexApi, endpoint: str, name: str, doing: str) -> str | None:
        """What an `up` that was interrupted has deployed: the same content, and nobody asks it."""
        found = api.get(endpoint, doing)
        if found is None:
            raise VertexError(f"cannot {doing}: there is no such endpoint")
        deployed = _find(found, "displayName", name)
        if deployed is None or _share(found, str(deployed["id"])):
            return None
        return str(deployed["id"])


def _share(endpoint: Mapping[str, Any] | None, number: str) -> int:
    """Percent of the requests that a deployed model answers beside others; a peered endpoint has one alone, whose
    traffic nobody moves."""
    if endpoint is None or endpoint.get("network"):
        return 0
    return int(endpoint.get("trafficSplit", {}).get(number, 0))


def _deployed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """``DeployedModel`` of the API."""
    return {
        "model": inputs["model"],
        "dedicatedResources": {name: inputs[name] for name in _DEDICATED if name in inputs},
        **{name: inputs[name] for name in _ITS_OWN if name in inputs},
    }


def _find(endpoint: Mapping[str, Any] | None, key: str, value: str) -> Mapping[str, Any] | None:
    deployed = (endpoint or {}).get("deployedModels", [])
    return next((one for one in deployed if str(one.get(key)) == value), None)
