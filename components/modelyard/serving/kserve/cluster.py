"""What KServe needs of a cluster once, as a Pulumi component."""

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.serving.kserve.cluster_args import KServeClusterArgs
from modelyard.serving.kserve.cluster_declaration import cluster_declaration, cluster_manifests


class KServeCluster(pulumi.ComponentResource):
    """What KServe needs of a cluster once, beside its own installation: a ClusterStorageContainer that restricted
    namespaces admit, and LocalModelNodeGroups for the model cache.

    Takes the Kubernetes provider of the cluster from ``opts``. ``opts.depends_on`` names KServe's installation, where
    the same stack makes it.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    node_groups: pulumi.Output[list[str]]
    """Names of the LocalModelNodeGroups."""

    def __init__(self, name: str, args: KServeClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = cluster_declaration(name, args)
        manifests = cluster_manifests(declared)
        super().__init__("modelyard:index:KServeCluster", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        declare(name, manifests[0], here)
        for manifest in manifests[1:]:
            declare(f"{name}-{manifest['metadata']['name']}", manifest, here)
        self.node_groups = pulumi.Output.from_input([group.name for group in declared.node_groups])
        self.register_outputs({"nodeGroups": self.node_groups})
