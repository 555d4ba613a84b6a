"""A model served by TensorFlow Serving on Kubernetes, as a Pulumi component."""

import pulumi

from modelyard.serving.rollout.resources import Tracks
from modelyard.serving.tfserving.service_args import TensorFlowServingServiceArgs
from modelyard.serving.tfserving.service_declaration import (
    declaration,
    tensorflow_server,
    tensorflow_serving_workload,
)
from modelyard.serving.workload.claim import claim_model


class TensorFlowServingService(pulumi.ComponentResource):
    """One SavedModel on one cluster: Deployment, configuration files, Service, autoscaler, disruption budget, network
    policy, route and the right to read its files.

    Over REST, a request that names neither a version nor a label gets ``version``. Over gRPC it gets the highest of
    ``versions``, as the server has it: callers name one in their ``ModelSpec`` where several are served.

    Takes the Kubernetes provider of the cluster, and the AWS provider of its region where ``eks_cluster`` or a
    secret of AWS Secrets Manager is named, from ``opts``. Its objects wait for what ``opts.depends_on`` names: the
    namespace and the gateway, where the same stack makes them.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    deployment_name: pulumi.Output[str]
    """Name of the Deployment."""
    namespace: pulumi.Output[str]
    """Namespace of every object: the department's."""
    url: pulumi.Output[str | None]
    """``https://<hostname>``; none without a hostname."""

    def __init__(
        self, name: str, args: TensorFlowServingServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        declared = declaration(name, args)
        tracks = Tracks(
            declared,
            tensorflow_serving_workload(declared),
            lambda version, image: tensorflow_server(declared, version, (version,), image),
        )
        claim_model(f"TensorFlowServingService {name}", declared)
        super().__init__("modelyard:index:TensorFlowServingService", name, {}, opts)
        outputs = tracks.declare(name, self, opts.depends_on if opts else None)
        self.deployment_name, self.namespace, self.url = outputs.deployment_name, outputs.namespace, outputs.url
        self.register_outputs(outputs.registered())
