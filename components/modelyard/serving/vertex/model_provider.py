"""One version of a model in Vertex AI's Model Registry: uploaded, relabelled and deleted
(REST v1, ``projects.locations.models``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

from .property_changes import changed, same
from .provider import CONTENT_LABEL, VertexProvider, is_known
from .refusal import Refused, VertexError
from .rest_api import VertexApi

_MINUTES = 60.0
_ALIAS_LENGTH = 128


class ModelProvider(VertexProvider):
    """The first version makes the model, the last takes it away."""

    RESOURCE = "Model"
    REQUIRED = ("project", "location", "modelId", "displayName", "containerSpec")
    OUTPUTS = ("name", "versionId")

    def problems(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        spec = inputs.get("containerSpec")
        if isinstance(spec, Mapping) and is_known(spec) and not spec.get("imageUri"):
            yield "containerSpec", "containerSpec.imageUri is missing"
        for alias in inputs.get("versionAliases") or ():
            if is_known(alias) and (alias == "default" or len(alias) > _ALIAS_LENGTH):
                yield "versionAliases", f"{alias!r} is Vertex AI's own or longer than {_ALIAS_LENGTH}; choose another"

    def create(self, props: dict[str, Any]) -> CreateResult:
        inputs, api = self.inputs(props), self.api(props)
        doing = f"upload {_shown(inputs)}"
        left = self._left_behind(api, inputs)
        if left is None:
            uploaded = self._upload(api, inputs, doing)
            number = str(uploaded["modelVersionId"])
            name = f"{_model(inputs)}@{number}"
        else:
            number, name = str(left["versionId"]), f"{_model(inputs)}@{left['versionId']}"
        return CreateResult(name, {**inputs, "name": name, "versionId": number})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        found = self.api(props).get(id_, f"read {id_}")
        if found is None:
            return ReadResult("", {})
        inputs = self.inputs(props)
        labels = {key: value for key, value in found.get("labels", {}).items() if key != CONTENT_LABEL}
        aliases = [alias for alias in found.get("versionAliases", []) if alias != "default"]
        for name, live in (
            ("labels", labels),
            ("versionAliases", sorted(aliases)),
            ("versionDescription", found.get("versionDescription", "")),
        ):
            said = inputs.get(name)
            if not same(sorted(said) if isinstance(said, list) else said, live):
                inputs[name] = live
        outputs = {**inputs, "name": id_, "versionId": id_.rpartition("@")[2]}
        return ReadResult(id_, outputs, inputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        inputs, api = self.inputs(_news), self.api(_news)
        differ = changed(self.RESOURCE, _olds, _news, "update")
        fields = [name for name in ("versionDescription", "labels") if name in differ]
        if fields:
            body = {
                "name": _id,
                "versionDescription": inputs.get("versionDescription", ""),
                "labels": self._labels(inputs),
            }
            api.patch(_id, {"name": _id, **{name: body[name] for name in fields}}, fields, f"change {_shown(inputs)}")
        if "versionAliases" in differ:
            old, new = set(_olds.get("versionAliases") or ()), set(inputs.get("versionAliases") or ())
            merged = [*sorted(new - old), *(f"-{alias}" for alias in sorted(old - new))]
            api.post(f"{_id}:mergeVersionAliases", {"versionAliases": merged}, f"name {_shown(inputs)}")
        return UpdateResult({**inputs, "name": _id, "versionId": _id.rpartition("@")[2]})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        api = self.api(_props)
        model, _, number = _id.rpartition("@")
        doing = f"delete version {number} of {model}"
        others = [one for one in self._versions(api, model, doing) if str(one.get("versionId")) != number]
        found = api.get(_id, doing)
        if found is None:
            return
        if others and "default" in found.get("versionAliases", ()):
            newest = max(others, key=lambda one: int(one["versionId"]))
            alias = {"versionAliases": ["default"]}
            api.post(f"{model}@{newest['versionId']}:mergeVersionAliases", alias, doing)
        begun = api.delete(f"{_id}:deleteVersion" if others else model, doing)
        api.done(begun, doing, _MINUTES)

    def _upload(self, api: VertexApi, inputs: Mapping[str, Any], doing: str) -> Mapping[str, Any]:
        parent = f"projects/{inputs['project']}/locations/{inputs['location']}"
        version: dict[str, Any] = {
            name: inputs[name]
            for name in (
                "displayName", "versionAliases", "versionDescription", "containerSpec", "artifactUri",
                "explanationSpec", "encryptionSpec",
            )
            if name in inputs
        }  # fmt: skip
        version["labels"] = self._labels(inputs)
        there = api.get(_model(inputs), doing) is not None
        for _ in range(2):
            place = {"parentModel": _model(inputs)} if there else {"modelId": inputs["modelId"]}
            try:
                return api.done(
                    api.post(f"{parent}/models:upload", {**place, "model": version}, doing), doing, _MINUTES
                )
            except Refused as refused:
                # Another version of the same model made it a moment before.
                if there or refused.code != 409:
                    raise
                there = True
        raise VertexError(f"cannot {doing}: the model comes and goes; deploy again")

    def _left_behind(self, api: VertexApi, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What an `up` that was interrupted has uploaded: the same content, and deployed nowhere."""
        for alias in inputs.get("versionAliases", ())[:1]:
            found = api.get(f"{_model(inputs)}@{alias}", f"look for {_shown(inputs)}")
            content = self.content(inputs)
            if found and found.get("labels", {}).get(CONTENT_LABEL) == content and not found.get("deployedModels"):
                return found
        return None

    def _labels(self, inputs: Mapping[str, Any]) -> dict[str, str]:
        return {**inputs.get("labels", {}), CONTENT_LABEL: self.content(inputs)}

    @staticmethod
    def _versions(api: VertexApi, model: str, doing: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        token = ""
        while True:
            page = api.get(f"{model}:listVersions?pageSize=100&pageToken={token}", doing) or {}
            found += page.get("models", [])
            token = page.get("nextPageToken", "")
            if not token:
                return found


def _model(inputs: Mapping[str, Any]) -> str:
    return f"projects/{inputs['project']}/locations/{inputs['location']}/models/{inputs['modelId']}"


def _shown(inputs: Mapping[str, Any]) -> str:
    aliases = inputs.get("versionAliases") or ()
    return f"model {inputs['modelId']}{f' {aliases[0]}' if aliases else ''}"
