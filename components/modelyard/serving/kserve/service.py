"""A model served by KServe, as a Pulumi component."""

from typing import Any

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.serving.access.route import declare_route
from modelyard.serving.kserve.inference_service import InferenceService, inference_service
from modelyard.serving.kserve.manifests import after_pods, after_tracks, before_pods
from modelyard.serving.kserve.service_args import KServeServiceArgs
from modelyard.serving.kserve.service_declaration import KServeServiceDeclaration, declaration, tracks
from modelyard.serving.workload.claim import claim_model
from modelyard.serving.workload.read_access import read_access, stored_for
from modelyard.serving.workload.resources import NAMED_BY_CONTENT
from modelyard.serving.workload.secret_environment import secret


class KServeService(pulumi.ComponentResource):
    """One model on one cluster with KServe: InferenceService, a ServingRuntime of its own, network policies, disruption
    budget, route and the right to read its files; and a second InferenceService for a canary.

    Takes the Kubernetes provider of the cluster, and the AWS provider of its region where ``eks_cluster`` or a
    secret of AWS Secrets Manager is named, from ``opts``. Its objects wait for what ``opts.depends_on`` names: the
    namespace and the gateway, where the same stack makes them. The route waits until every InferenceService is Ready.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    inference_service_name: pulumi.Output[str]
    """Name of the stable InferenceService."""
    canary_name: pulumi.Output[str | None]
    """Name of the canary's InferenceService; none without one, and in mode knative."""
    namespace: pulumi.Output[str]
    """Namespace of every object: the department's."""
    url: pulumi.Output[str | None]
    """``https://<hostname>``; none without a hostname."""

    def __init__(self, name: str, args: KServeServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = declaration(name, args)
        served = tracks(declared)
        stable, canary = served.stable, served.canary
        routing = after_tracks(served)
        claim_model(f"KServeService {name}", declared)
        super().__init__("modelyard:index:KServeService", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        ready: list[pulumi.Resource] = [self._track(name, declared, stable, here)]
        if canary is not None:
            ready.append(self._track(name, declared, canary, here))
        routed = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=ready))
        if routing is not None:
            declare_route(name, served.workload, *routing, routed)
        self.inference_service_name = pulumi.Output.from_input(stable.name)
        self.canary_name = pulumi.Output.from_input(None if canary is None else canary.name)
        self.namespace = pulumi.Output.from_input(stable.workload.namespace)
        hostname = served.workload.hostname if declared.mode == "standard" else None
        self.url = pulumi.Output.from_input(None if hostname is None else f"https://{hostname}")
        self.register_outputs(
            {
                "inferenceServiceName": self.inference_service_name,
                "canaryName": self.canary_name,
                "namespace": self.namespace,
                "url": self.url,
            }
        )

    def _track(
        self,
        name: str,
        declared: KServeServiceDeclaration,
        service: InferenceService,
        here: pulumi.ResourceOptions,
    ) -> pulumi.Resource:
        """Everything that one InferenceService needs, and it."""
        workload = service.workload
        own = name if workload.name == declared.model else f"{name}{workload.name.removeprefix(declared.model)}"
        needed = [declare(_logical(own, service, manifest), manifest, here) for manifest in before_pods(service)]
        if declared.eks_cluster is not None:
            stored = stored_for(declared, workload)
            # Revisions of Knative run under one service account, the stable one beside the canary's.
            beside = declared.stored if stored is not declared.stored and declared.mode == "knative" else None
            access = read_access(own, declared.eks_cluster, workload, stored, here, beside)
            needed.append(access.association)
        pods = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=needed))
        held = secret(own, workload, declared.secret_env, self, here) if declared.secret_env else None
        made = declare(own, inference_service(service, None if held is None else held.metadata["name"]), pods)
        scaled = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(depends_on=[made]))
        for manifest in after_pods(service):
            declare(_logical(own, service, manifest), manifest, scaled)
        return made


def _logical(name: str, service: InferenceService, manifest: Any) -> str:
    """Objects of one kind have names of their own; files and settings are other resources when they are others."""
    own = manifest["metadata"]["name"]
    if manifest["kind"] in NAMED_BY_CONTENT:
        return f"{name}-{own.rpartition('-')[2]}"
    return f"{name}{own.removeprefix(service.name)}" if own.startswith(f"{service.name}-") else name
