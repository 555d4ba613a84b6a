"""Who answers an endpoint's requests: percent by deployed model (REST v1, ``endpoints.patch``, ``trafficSplit``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

from .provider import VertexProvider, is_known


class TrafficSplitProvider(VertexProvider):
    """Its id is ``<endpoint>/trafficSplit``. One call moves all shares at once, so that no request finds none.

    ``shares`` are ``{"version", "percent", "deployedModelId"}``: a plan shows the percent before the ids are known.
    """

    RESOURCE = "TrafficSplit"
    REQUIRED = ("location", "endpoint", "shares")

    def problems(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        shares = inputs.get("shares")
        if not isinstance(shares, list):
            return
        said = [share.get("percent") for share in shares if isinstance(share, Mapping)]
        percents = [percent for percent in said if isinstance(percent, int | float)]
        if not is_known(said) or len(percents) < len(said):
            return
        if any(percent < 0 or percent > 100 or percent != int(percent) for percent in percents):
            yield "shares", f"{_listed(percents)} are no shares; each is a whole number from 0 to 100"
        elif sum(percents) != 100:
            yield "shares", f"{_listed(percents)} make {sum(percents):g}, and the shares of an endpoint make 100"

    def create(self, props: dict[str, Any]) -> CreateResult:
        inputs = self.inputs(props)
        self._move(inputs, _map(inputs["shares"]))
        return CreateResult(f"{inputs['endpoint']}/trafficSplit", inputs)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        inputs = self.inputs(props)
        found = self.api(props).get(inputs["endpoint"], f"read {inputs['endpoint']}")
        if found is None:
            return ReadResult("", {})
        live = {str(number): int(percent) for number, percent in found.get("trafficSplit", {}).items() if int(percent)}
        if live != _map(inputs["shares"]):
            ours = {str(share["deployedModelId"]): share for share in inputs["shares"]}
            inputs["shares"] = [
                {**ours.get(number, {"version": 0}), "deployedModelId": number, "percent": percent}
                for number, percent in sorted(live.items())
            ]
        return ReadResult(id_, inputs, inputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        inputs = self.inputs(_news)
        self._move(inputs, _map(inputs["shares"]))
        return UpdateResult(inputs)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        inputs = self.inputs(_props)
        if self.api(_props).get(inputs["endpoint"], f"read {inputs['endpoint']}") is not None:
            self._move(inputs, {})

    def _move(self, inputs: Mapping[str, Any], split: Mapping[str, int]) -> None:
        endpoint = inputs["endpoint"]
        shown = (
            " and ".join(f"{share['percent']} % to v{share['version']}" for share in inputs["shares"])
            if split
            else "none"
        )
        body = {"name": endpoint, "trafficSplit": split}
        self.api(inputs).patch(endpoint, body, ["trafficSplit"], f"move the traffic of {endpoint}: {shown}")


def _map(shares: list[Mapping[str, Any]]) -> dict[str, int]:
    """``trafficSplit``; who gets nothing is not named in it."""
    return {str(share["deployedModelId"]): int(share["percent"]) for share in shares if int(share["percent"])}


def _listed(percents: list[int | float]) -> str:
    return " and ".join(f"{percent:g}" for percent in percents)
