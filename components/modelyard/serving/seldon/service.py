"""A model served by Seldon Core 2, as a Pulumi component."""

import pulumi

from modelyard.serving.access.route import declare_route
from modelyard.serving.seldon.manifests import before_server, experiment, model, server
from modelyard.serving.seldon.resources import declare_object
from modelyard.serving.seldon.route import route
from modelyard.serving.seldon.served_model import ServedModel
from modelyard.serving.seldon.service_args import SeldonServiceArgs
from modelyard.serving.seldon.service_declaration import SeldonServiceDeclaration, declaration, tracks
from modelyard.serving.workload.claim import claim_model
from modelyard.serving.workload.read_access import read_access, stored_for
from modelyard.serving.workload.secret_environment import secret


class SeldonService(pulumi.ComponentResource):
    """One model on one cluster with Seldon Core 2: Model, a Server of its own or a shared one, the right to read its
    files, route; and an Experiment with a second Model for a canary.

    Seldon Core 2 must run in the namespace. It is under the Business Source License 1.1, which its users agree with
    Seldon about; nothing of it comes with Modelyard.

    Takes the Kubernetes provider of the cluster, and the AWS provider of its region where ``eks_cluster`` or a
    secret of AWS Secrets Manager is named, from ``opts``. Its objects wait for what ``opts.depends_on`` names.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    model_name: pulumi.Output[str]
    """Name of the stable Model."""
    canary_name: pulumi.Output[str | None]
    """Name of the canary's Model; none without one."""
    namespace: pulumi.Output[str]
    """Namespace of every object: the department's."""
    url: pulumi.Output[str | None]
    """``https://<hostname>``; none without a hostname."""

    def __init__(self, name: str, args: SeldonServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = declaration(name, args)
        served = tracks(declared)
        split, routing = experiment(served), route(served.workload, served.stable.name)
        claim_model(f"SeldonService {name}", declared)
        super().__init__("modelyard:index:SeldonService", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        ready: list[pulumi.Resource] = [self._track(name, declared, served.stable, here)]
        if served.canary is not None:
            ready.append(self._track(f"{name}{_ending(declared, served.canary)}", declared, served.canary, here))
        after = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=ready))
        if split is not None:
            declare_object(name, split, after)
        if routing is not None:
            declare_route(name, served.workload, *routing, after)
        self.model_name = pulumi.Output.from_input(served.stable.name)
        self.canary_name = pulumi.Output.from_input(None if served.canary is None else served.canary.name)
        self.namespace = pulumi.Output.from_input(served.workload.namespace)
        hostname = served.workload.hostname
        self.url = pulumi.Output.from_input(None if hostname is None else f"https://{hostname}")
        self.register_outputs(
            {
                "modelName": self.model_name,
                "canaryName": self.canary_name,
                "namespace": self.namespace,
                "url": self.url,
            }
        )

    def _track(
        self, name: str, declared: SeldonServiceDeclaration, served: ServedModel, here: pulumi.ResourceOptions
    ) -> pulumi.Resource:
        """Everything that one Model needs, and it."""
        needed: list[pulumi.Resource] = [declare_object(name, manifest, here) for manifest in before_server(served)]
        if declared.eks_cluster is not None and served.shared_server is None:
            stored = stored_for(declared, served.workload)
            needed.append(read_access(name, declared.eks_cluster, served.workload, stored, here).association)
        if served.shared_server is None:
            waits = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=needed))
            held = (
                secret(f"{name}-env", served.workload, declared.secret_env, self, here) if declared.secret_env else None
            )
            own = server(served, None if held is None else held.metadata["name"])
            assert own is not None
            needed = [*needed, declare_object(name, own, waits)]
        last = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=needed))
        return declare_object(name, model(served), last)


def _ending(declared: SeldonServiceDeclaration, served: ServedModel) -> str:
    return served.name.removeprefix(declared.model)
