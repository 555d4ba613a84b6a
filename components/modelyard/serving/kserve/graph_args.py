"""Arguments of :class:`~modelyard.serving.kserve.graph_service.KServeGraph`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from modelyard.governance.ownership import OwnershipArgs
from modelyard.serving.access.args import AccessArgs
from modelyard.serving.workload.args import GatewayArgs


class GraphStepArgs(TypedDict):
    """One step of a node: a model of the department, another node, or a URL."""

    name: NotRequired[str]
    """Of the step, once in a node; in an Ensemble the answer's key. Default: none, and the key is its number."""
    model: NotRequired[str]
    """Model of the same department, served by KServe."""
    node: NotRequired[str]
    """Node of this graph."""
    url: NotRequired[str]
    """Any service that answers POST with JSON, with its whole path."""
    data: NotRequired[str]
    """What the step is sent, in a Sequence: the graph's own request, or the answer of the step before. Default: the
    graph's request."""
    map_predictions_to_instances: NotRequired[bool]
    """Whether ``predictions`` of the answer before become ``instances`` of the request (protocol v1, in a Sequence)."""
    weight: NotRequired[int]
    """Percent of the requests, in a Splitter, where all of them make 100."""
    condition: NotRequired[str]
    """GJSON path: a Switch takes the first step for which it exists in the request, a Sequence goes on only where it
    exists in the answer before."""
    dependency: NotRequired[str]
    """Hard: where the step fails, the node fails with its answer. Default: Soft."""


class GraphNodeArgs(TypedDict):
    """How a node asks its steps."""

    router: str
    """Sequence: one after another. Splitter: one of them, by weight. Ensemble: all at once, answers under their names.
    Switch: the first whose condition holds."""
    steps: Sequence[GraphStepArgs]
    """At least one."""


class GraphModelArgs(TypedDict):
    """A model that KServe serves in the department's namespace."""

    name: str
    """Of its InferenceService."""
    port: NotRequired[int]
    """Port of its pods that requests go to, a transformer's where it has one. Default: 8080."""


class KServeGraphArgs(TypedDict):
    """A graph of models, asked by KServe's router on one cluster."""

    ownership: OwnershipArgs
    """Who pays. The department is also the namespace, which must exist."""
    name: str
    """Name of the InferenceGraph: lower-case letters, digits and hyphens, at most 40."""
    cluster: str
    """Name of the cluster as the environment declares it."""
    nodes: Mapping[str, GraphNodeArgs]
    """Nodes by name; every request begins at the node ``root``."""
    models: Sequence[GraphModelArgs]
    """Models that KServe serves in this namespace; steps may name no other."""
    mode: NotRequired[str]
    """standard or knative, as the models' own. Default: standard."""
    min_replicas: NotRequired[int]
    """Of the router, 1 to 1000. Default: 1."""
    max_replicas: NotRequired[int]
    """Of the router, 1 to 1000. Default: 3."""
    cpu: NotRequired[float]
    """Cores of one router. Default: 0.5."""
    memory_gib: NotRequired[float]
    """Memory of one router in GiB. Default: 0.25."""
    price_basis: NotRequired[str]
    """``aws/<region>/<instance type>/<on_demand|spot>`` of the nodes that take pods of no pool, for the price of the
    router where those nodes are in another stack. Default: unpriced there."""
    request_timeout_seconds: NotRequired[int]
    """The router and the gateway end a request after so long. Default: 60."""
    hostname: NotRequired[str]
    """Where the graph answers through the gateway, in mode standard, at ``/``. Default: nowhere."""
    access: NotRequired[AccessArgs]
    """Who may ask through the gateway, in mode standard. Default: whoever reaches it."""
    gateway: NotRequired[GatewayArgs]
    """Default: the gateway ``modelyard`` in ``gateway-system``, which the platform installs."""
