"""Access as Pulumi resources: what waits for what, and that no key is ever shown.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

import json
from typing import Any

import pulumi
import pytest
from modelyard.capacity.software.department_namespace import DepartmentNamespace
from modelyard.environment import access as declared
from modelyard.environment.access import Access
from modelyard.environment.declaration import Declaration
from modelyard.environment.descriptions import descriptions
from modelyard.graph import Secret
from modelyard.serving.access import args
from modelyard.serving.access.resources import declare_access
from pulumi.provider.experimental.analyzer import Analyzer

from .program import SHOP, graph_of, one, refusal, waits_for

KEY = "hunter2-hunter2-hunter2"
KEYS = {"modelyard:web-key": Secret(KEY), "modelyard:app-key": Secret(f"other {KEY}")}
METADATA = {"name": "tagger", "namespace": "shop", "labels": SHOP.kubernetes_labels()}
API_KEY: dict[str, Any] = {
    "authentication": {"api_key": {"clients": {"web": {"config": "web-key"}, "app": {"config": "app-key"}}}}
}


class Takes(pulumi.ComponentResource):
    """Takes access, for other languages."""

    def __init__(self, name: str, args: args.AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("test:index:Takes", name, {}, opts)


class Route(pulumi.ComponentResource):
    """Stands for whatever has the route."""

    def __init__(self, access: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__("test:index:Route", "tagger", {}, opts)
        here = pulumi.ResourceOptions(parent=self)
        self.guard = declare_access("tagger", Access.model_validate(access), METADATA, "tagger", here)


def test_the_policy_waits_for_its_keys() -> None:
    graph = graph_of(lambda opts: Route(API_KEY, opts), KEYS)
    policy, secret = one(graph, "SecurityPolicy"), one(graph, "Secret")
    assert waits_for(graph, policy, secret)
    assert policy.inputs["spec"]["targetRefs"] == [
        {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "tagger"}
    ]
    assert secret.inputs["stringData"].reveal() == {"web": KEY, "app": f"other {KEY}"}
    assert secret.inputs["immutable"] is True
    metadata = secret.inputs["metadata"]
    assert metadata["annotations"] == {"pulumi.com/autonamed": "true"}
    assert policy.inputs["spec"]["apiKeyAuth"]["credentialRefs"] == [{"kind": "Secret", "name": metadata["name"]}]


def test_keys_are_secrets_in_the_graph_and_nowhere_in_the_clear() -> None:
    graph = graph_of(lambda opts: Route(API_KEY, opts), KEYS)
    assert isinstance(one(graph, "Secret").inputs["stringData"], Secret)
    assert KEY not in json.dumps([resource.inputs for resource in graph], default=repr)


@pytest.mark.parametrize("access", [{}, {"authentication": {"anyone": True}}, {"max_request_mib": 4}])
def test_nothing_asked_is_nothing_declared(access: dict[str, Any]) -> None:
    graph = graph_of(lambda opts: Route(access, opts))
    assert [resource for resource in graph if resource.type.startswith("kubernetes:")] == []


@pytest.mark.parametrize(
    ("declaration", "arguments"),
    [
        (declared.ModelAccess, args.AccessArgs),
        (declared.Authentication, args.AuthenticationArgs),
        (declared.Jwt, args.JwtArgs),
        (declared.ApiKey, args.ApiKeyArgs),
        (declared.Mtls, args.MtlsArgs),
        (declared.RateLimit, args.RateLimitArgs),
        (declared.Counted, args.CountedArgs),
        (declared.Cors, args.CorsArgs),
    ],
)
def test_arguments_are_the_declarations(declaration: type[Declaration], arguments: Any) -> None:
    fields = declaration.model_fields
    assert set(arguments.__annotations__) == set(fields)
    assert arguments.__required_keys__ == {name for name, field in fields.items() if field.is_required()}
    analyzer = Analyzer("modelyard")
    said = {name: analyzer.get_docstring(arguments, name) for name in fields}
    assert all(said.values())
    for name, description in descriptions(declaration).items():
        assert " ".join((said[name] or "").split()).startswith(" ".join(description.split()).rstrip(".")), name


def test_other_languages_have_the_types() -> None:
    analysed = Analyzer("modelyard").analyze([Takes])
    assert set(analysed["component_definitions"]["Takes"].inputs) == {
        "authentication", "rateLimit", "maxRequestMib", "requestTimeoutSeconds", "cors"
    }  # fmt: skip
    assert set(analysed["type_definitions"]) >= {
        f"{name}Args" for name in ("Authentication", "Jwt", "ApiKey", "RateLimit", "Counted", "Cors")
    }


def test_a_namespace_in_a_mesh() -> None:
    graph = graph_of(lambda opts: DepartmentNamespace("shop", {"ownership": SHOP.args(), "mesh": "istio"}, opts))
    assert one(graph, "PeerAuthentication").inputs["spec"] == {"mtls": {"mode": "STRICT"}}
    assert one(graph, "Namespace").inputs["metadata"]["labels"]["istio.io/dataplane-mode"] == "ambient"


def test_a_mesh_that_nobody_knows() -> None:
    message = refusal(lambda opts: DepartmentNamespace("shop", {"ownership": SHOP.args(), "mesh": "isto"}, opts))
    assert message == (
        "DepartmentNamespace shop: mesh: 'isto' is not a known mesh; did you mean 'istio'? Allowed: none, istio, "
        "linkerd"
    )
