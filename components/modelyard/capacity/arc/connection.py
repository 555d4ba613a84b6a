"""A cluster of one's own as Azure Arc knows it, as a Pulumi component."""

from typing import Any

import pulumi

from ...environment import arc as declaration
from ...environment.problem import InvalidEnvironment
from ...governance.argument_forms import form_problems
from ...governance.arguments import read_arguments
from ...governance.azure_sdk import azure
from ...governance.known_after import known_after
from ...governance.ownership import Ownership
from .connection_args import ArcConnectionArgs

_COMPONENT = "ArcConnection"
_FLUX = "microsoft.flux"
_NAMESPACE = "flux-system"


class _Declared(declaration.ArcConnection):
    """By itself, where another resource may say which group it is."""

    resource_group: Any


class ArcConnection(pulumi.ComponentResource):
    """The record of a cluster in Azure, and what Azure keeps in it: extensions, and the folder that Flux follows.

    The agents run in the cluster already ("Quickstart: Connect an existing Kubernetes cluster to Azure Arc"); they
    prove who they are by the key whose public half is here. Takes the provider of azure-native from ``opts``.

    Raises:
        InvalidEnvironment: an argument is wrong.
        NoAzureSdk: pulumi-azure-native is not installed.
    """

    cluster_id: pulumi.Output[str]
    """Resource id of the record; known once extensions are there. AzureMLKubernetesCompute takes it."""
    principal_id: pulumi.Output[str]
    """Object id of the identity of its agents."""

    def __init__(self, name: str, args: ArcConnectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"{_COMPONENT} {name}"
        declared = read_arguments(_Declared, args, ArcConnectionArgs, component)
        if problems := form_problems(component, "azure", args):
            raise InvalidEnvironment(problems)
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:ArcConnection", name, {}, opts)
        record = azure(_COMPONENT, "kubernetes").ConnectedCluster(
            name,
            cluster_name=args["cluster_name"],
            resource_group_name=args["resource_group"],
            location=declared.location,
            agent_public_key_certificate=declared.agent_public_key,
            identity={"type": "SystemAssigned"},
            arc_agent_profile={"agentAutoUpgrade": "Enabled"},
            tags=ownership.aws_tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._place: dict[str, Any] = {
            "cluster_rp": "Microsoft.Kubernetes",
            "cluster_resource_name": "connectedClusters",
            "cluster_name": record.name,
            "resource_group_name": args["resource_group"],
        }
        extensions = dict(declared.extensions)
        if declared.flux is not None and not any(each.type == _FLUX for each in extensions.values()):
            extensions["flux"] = declaration.ClusterExtension(type=_FLUX, namespace=_NAMESPACE)
        made = {key: self._extension(f"{name}-{key}", key, each) for key, each in extensions.items()}
        if declared.flux is not None:
            self._follow(name, declared.flux, [made[key] for key, each in extensions.items() if each.type == _FLUX])
        self.cluster_id = known_after(record.id, [record, *made.values()])
        self.principal_id = record.identity.apply(lambda identity: identity.principal_id)
        self.register_outputs({"clusterId": self.cluster_id, "principalId": self.principal_id})

    def _extension(self, name: str, key: str, declared: declaration.ClusterExtension) -> Any:
        pinned: dict[str, Any] = {} if declared.version is None else {"version": declared.version}
        if declared.namespace is not None:
            pinned["scope"] = {"cluster": {"releaseNamespace": declared.namespace}}
        return azure(_COMPONENT, "kubernetesconfiguration").Extension(
            name,
            extension_name=key,
            extension_type=declared.type,
            auto_upgrade_minor_version=declared.version is None,
            release_train=declared.release_train,
            identity={"type": "SystemAssigned"},
            configuration_settings=declared.settings,
            opts=pulumi.ResourceOptions(parent=self),
            **self._place,
            **pinned,
        )

    def _follow(self, name: str, declared: declaration.FluxSource, flux: list[Any]) -> None:
        azure(_COMPONENT, "kubernetesconfiguration").FluxConfiguration(
            name,
            flux_configuration_name="modelyard",
            namespace=_NAMESPACE,
            scope="cluster",
            source_kind="GitRepository",
            git_repository={
                "url": declared.url,
                "repositoryRef": {"branch": declared.branch},
                "syncIntervalInSeconds": declared.interval_seconds,
            },
            kustomizations={
                "modelyard": {
                    "path": declared.path,
                    "prune": declared.prune,
                    "syncIntervalInSeconds": declared.interval_seconds,
                }
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=flux),
            **self._place,
        )
