"""A graph of models that KServe serves, as a Pulumi component."""

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.serving.access.route import declare_limited
from modelyard.serving.kserve.graph import graph_disruption_budget, graph_network_policy, graph_route, inference_graph
from modelyard.serving.kserve.graph_args import KServeGraphArgs
from modelyard.serving.kserve.graph_declaration import declared_graph, graph_declaration
from modelyard.serving.workload.claim import claim
from modelyard.serving.workload.traffic_policy import backend_traffic_policy


class KServeGraph(pulumi.ComponentResource):
    """Models asked one after another, at once, or one of several: InferenceGraph, network policy, and the route
    with what is asked of its callers.

    Takes the Kubernetes provider of the cluster from ``opts``. ``opts.depends_on`` names the models: a graph is ready
    when they are.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    name: pulumi.Output[str]
    """Name of the InferenceGraph."""
    namespace: pulumi.Output[str]
    """Namespace of every object: the department's."""
    url: pulumi.Output[str | None]
    """``https://<hostname>/``; none without a hostname."""

    def __init__(self, name: str, args: KServeGraphArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = graph_declaration(name, args)
        graph = declared_graph(declared)
        claim(f"KServeGraph {name}", declared.ownership, declared.cluster, {"name": graph.name}, graph.hostname)
        super().__init__("modelyard:index:KServeGraph", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        policy = declare(name, graph_network_policy(graph), here)
        declare(name, graph_disruption_budget(graph), here)
        after_policy = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=[policy]))
        made = declare(name, inference_graph(graph), after_policy)
        route, limits = graph_route(graph), backend_traffic_policy(graph)
        if route is not None and limits is not None:
            ready = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=[made]))
            declare_limited(name, graph.access, route, limits, ready)
        self.name = pulumi.Output.from_input(graph.name)
        self.namespace = pulumi.Output.from_input(graph.namespace)
        self.url = pulumi.Output.from_input(None if graph.hostname is None else f"https://{graph.hostname}/")
        self.register_outputs({"name": self.name, "namespace": self.namespace, "url": self.url})
