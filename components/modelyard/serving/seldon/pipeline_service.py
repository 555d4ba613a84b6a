"""A pipeline of models that Seldon Core 2 serves, as a Pulumi component."""

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.serving.access.route import declare_limited
from modelyard.serving.seldon.pipeline import pipeline
from modelyard.serving.seldon.pipeline_args import SeldonPipelineArgs
from modelyard.serving.seldon.pipeline_declaration import declared_pipeline, pipeline_declaration
from modelyard.serving.seldon.route import pipeline_route
from modelyard.serving.workload.traffic_policy import backend_traffic_policy


class SeldonPipeline(pulumi.ComponentResource):
    """Models that hand their outputs on over Kafka: Pipeline, and the route with what is asked of its callers.

    Seldon Core 2 must run in the namespace, with its data plane and Kafka. It is under the Business Source License 1.1,
    which its users agree with Seldon about; nothing of it comes with Modelyard.

    Takes the Kubernetes provider of the cluster from ``opts``. ``opts.depends_on`` names the models.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    name: pulumi.Output[str]
    """Name of the Pipeline."""
    namespace: pulumi.Output[str]
    """Namespace of every object: the department's."""
    url: pulumi.Output[str | None]
    """``https://<hostname>``; none without a hostname."""

    def __init__(self, name: str, args: SeldonPipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        made = declared_pipeline(pipeline_declaration(name, args))
        super().__init__("modelyard:index:SeldonPipeline", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        first = declare(name, pipeline(made), here)
        if made.hostname is not None and (limits := backend_traffic_policy(made)) is not None:
            routed = pipeline_route(
                made.metadata(), made.gateway, made.hostname, made.name, made.request_timeout_seconds
            )
            ready = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=[first]))
            declare_limited(name, made.access, routed, limits, ready)
        self.name = pulumi.Output.from_input(made.name)
        self.namespace = pulumi.Output.from_input(made.ownership.department)
        self.url = pulumi.Output.from_input(None if made.hostname is None else f"https://{made.hostname}")
        self.register_outputs({"name": self.name, "namespace": self.namespace, "url": self.url})
