"""A model served by TorchServe on Kubernetes, as a Pulumi component."""

import pulumi

from modelyard.serving.rollout.resources import Tracks
from modelyard.serving.torchserve.service_args import TorchServeServiceArgs
from modelyard.serving.torchserve.service_declaration import declaration, torchserve_server, torchserve_workload
from modelyard.serving.workload.claim import claim_model


class TorchServeService(pulumi.ComponentResource):
    """One model on one cluster, in one or several versions: Deployment, Service, configuration, autoscaler,
    disruption budget, network policy, route and the right to read its files.

    TorchServe is no longer maintained (its repository says so since 2025-02-28); prefer TritonService for new work.
    Takes the Kubernetes provider of the cluster, and the AWS provider of its region where ``eks_cluster`` or a
    secret of AWS Secrets Manager is named, from ``opts``. Its objects wait for what ``opts.depends_on`` names.

    Raises:
        InvalidEnvironment: arguments or archives do not fit; before any resource is registered.
    """

    deployment_name: pulumi.Output[str]
    """Name of the Deployment."""
    namespace: pulumi.Output[str]
    """Namespace of every object: the department's."""
    url: pulumi.Output[str | None]
    """``https://<hostname>``; none without a hostname."""

    def __init__(self, name: str, args: TorchServeServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = declaration(name, args)
        tracks = Tracks(
            declared,
            torchserve_workload(declared),
            lambda version, image: torchserve_server(declared, version, declared.archived((version,)), image),
        )
        claim_model(f"TorchServeService {name}", declared)
        super().__init__("modelyard:index:TorchServeService", name, {}, opts)
        outputs = tracks.declare(name, self, opts.depends_on if opts else None)
        self.deployment_name, self.namespace, self.url = outputs.deployment_name, outputs.namespace, outputs.url
        self.register_outputs(outputs.registered())
