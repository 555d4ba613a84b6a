"""A model served by Triton on Kubernetes, as a Pulumi component."""

import pulumi

from modelyard.serving.rollout.resources import Tracks
from modelyard.serving.triton.service_args import TritonServiceArgs
from modelyard.serving.triton.service_declaration import declaration, triton_server, triton_workload
from modelyard.serving.workload.claim import claim_model


class TritonService(pulumi.ComponentResource):
    """One model on one cluster: Deployment, Service, autoscaler, disruption budget, network policy, route and the
    right to read its files.

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

    def __init__(self, name: str, args: TritonServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = declaration(name, args)
        tracks = Tracks(
            declared,
            triton_workload(declared),
            lambda version, image: triton_server(declared, (version,), image),
        )
        claim_model(f"TritonService {name}", declared)
        super().__init__("modelyard:index:TritonService", name, {}, opts)
        outputs = tracks.declare(name, self, opts.depends_on if opts else None)
        self.deployment_name, self.namespace, self.url = outputs.deployment_name, outputs.namespace, outputs.url
        self.register_outputs(outputs.registered())
