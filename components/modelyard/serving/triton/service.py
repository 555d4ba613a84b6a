"""A model served by Triton on Kubernetes, as a Pulumi component."""

from collections.abc import Mapping
from typing import Any

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.governance.pod_identity_role import PodIdentityRole
from modelyard.governance.policy_document import s3_read_policy
from modelyard.serving.triton.deployment import deployment
from modelyard.serving.triton.manifests import after_pods, before_pods
from modelyard.serving.triton.secret_environment import secret
from modelyard.serving.triton.served_model import ServedModel
from modelyard.serving.triton.service_args import TritonServiceArgs
from modelyard.serving.triton.service_declaration import TritonServiceDeclaration, declaration, served_model


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
        model = served_model(declared)
        super().__init__("modelyard:index:TritonService", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)

        needed = [declare(_logical(name, manifest), manifest, here) for manifest in before_pods(model)]
        if declared.eks_cluster is not None:
            # Pods get the role when they start, or never.
            needed.append(_read_access(name, declared, model, here).association)
        pods = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=needed))
        held = secret(name, model, declared.secret_env, self, here) if declared.secret_env else None
        declare(name, deployment(model, None if held is None else held.metadata["name"]), pods)
        for manifest in after_pods(model):
            declare(name, manifest, here)

        url = None if model.hostname is None else f"https://{model.hostname}"
        self.deployment_name = pulumi.Output.from_input(model.name)
        self.namespace = pulumi.Output.from_input(model.namespace)
        self.url = pulumi.Output.from_input(url)
        self.register_outputs({"deploymentName": model.name, "namespace": model.namespace, "url": url})


def _logical(name: str, manifest: Mapping[str, Any]) -> str:
    """The list of files is another resource when it is another list, and not a replacement: the one before is deleted
    when the pods that read it are gone, whatever becomes of the roll in between."""
    return f"{name}-{manifest['metadata']['name'].rpartition('-')[2]}" if manifest["kind"] == "ConfigMap" else name


def _read_access(
    name: str, declared: TritonServiceDeclaration, model: ServedModel, opts: pulumi.ResourceOptions
) -> PodIdentityRole:
    """The right of this model's service account to read this model's files."""
    stored = declared.stored
    eks_cluster: Any = declared.eks_cluster
    region: Any = stored.region
    policy = pulumi.Output.all(stored.bucket, stored.kms_key_arn).apply(
        lambda known: s3_read_policy(known[0], stored.prefix, region, known[1])
    )
    return PodIdentityRole(
        name,
        {
            "region": region,
            "cluster_name": eks_cluster,
            "namespace": model.namespace,
            "service_account": model.name,
            "policy": policy,
            "ownership": model.ownership.args(),
        },
        opts,
    )
