"""Vertex AI's API on loopback, for an engine that deploys what a plan has there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from modelyard.review.plan import PlanDocument
from unit.serving.vertex.rest_server import VertexRestApi, serving

_ENDPOINT = "gcp:vertex/aiEndpoint:AiEndpoint"


@contextmanager
def vertex_api(document: PlanDocument) -> Iterator[VertexRestApi]:
    """It has the plan's endpoints, which the simulated cloud makes elsewhere; programs find it by the environment."""
    api = VertexRestApi()
    for endpoint in (each for each in document.resources() if each.type == _ENDPOINT):
        place = f"projects/{endpoint.inputs['project']}/locations/{endpoint.inputs['location']}"
        name = f"{place}/endpoints/{endpoint.inputs['name']}"
        api.endpoints[name] = {"name": name, "displayName": endpoint.inputs["displayName"]}
    with serving(api) as url:
        told = {"GOOGLE_VERTEX_AI_CUSTOM_ENDPOINT": url, "GOOGLE_OAUTH_ACCESS_TOKEN": "a-token-of-nobody"}
        before = {name: os.environ.get(name) for name in told}
        os.environ.update(told)
        try:
            yield api
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
