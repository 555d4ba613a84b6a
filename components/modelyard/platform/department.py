"""What one department serves: its models on every cluster, their files, rules and budget."""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi

from ..capacity.software.priority_class import SERVING
from ..cost.budget import Budget
from ..environment.department import Department
from ..environment.device import NVIDIA
from ..environment.secret import SecretReference
from ..governance.ownership import Ownership
from ..monitoring.monitoring import Monitoring
from ..monitoring.watched_model import watched_model
from ..resolve.image import registered
from ..resolve.resolved import Resolution, ResolvedGraph, ResolvedModel, ResolvedPipeline
from ..resolve.weights import decided_weights
from .cloud_budgets import declare_cloud_budgets
from .endpoints import DepartmentEndpoints
from .graphs import asked_access, declare_graph, declare_pipeline
from .handles import ClusterHandle, FoundationHandles
from .image_builds import DepartmentImages
from .model_files import ModelFiles
from .model_service import serve


def declare_department(
    resolution: Resolution, department: Department, handles: FoundationHandles, *, parent: pulumi.Resource
) -> dict[str, dict[str, dict[str, Any]]]:
    """Declare it, and give the address of each model, graph and pipeline on each cluster, and of each model at a
    managed service in each region: ``models``, ``graphs``, ``pipelines`` and ``endpoints``. What KServe's own ingress
    leads to in mode knative has no address here."""
    return _Department(resolution, department, handles, parent).declare()


class _Department:
    def __init__(
        self, resolution: Resolution, department: Department, handles: FoundationHandles, parent: pulumi.Resource
    ) -> None:
        self.resolution, self.department, self.handles, self.parent = resolution, department, handles, parent
        self.environment = resolution.environment.name
        self.ownership = Ownership(department.department, department.cost_center, self.environment, department.owner)
        self.models = [model for model in resolution.models if model.department.department == department.department]
        mine = department.department
        self.graphs = [graph for graph in resolution.graphs if graph.department.department == mine]
        self.pipelines = [pipeline for pipeline in resolution.pipelines if pipeline.department.department == mine]
        self.files = ModelFiles(self.models, self.ownership, handles, parent)
        endpoints = [each for each in resolution.endpoints if each.department.department == mine]
        providers = handles.registry_providers()
        self.images = DepartmentImages((*self.models, *endpoints), self.ownership, self._repository, providers, parent)

    def declare(self) -> dict[str, dict[str, dict[str, Any]]]:
        by_cluster: dict[str, list[ResolvedModel]] = {}
        served: dict[str, dict[str, pulumi.Resource]] = {}
        for model in self._in_order():
            made = self._serve(model, served.get(model.cluster, {}))
            served.setdefault(model.cluster, {})[model.declared.name] = made
        for model in self.models:
            by_cluster.setdefault(model.cluster, []).append(model)
        self._prefetch_images()
        for graph in self.graphs:
            opts = self._opts(self.handles.clusters[graph.cluster])
            declare_graph(graph, self.resolution, self.ownership, served[graph.cluster], opts)
        for pipeline in self.pipelines:
            opts = self._opts(self.handles.clusters[pipeline.cluster])
            declare_pipeline(pipeline, self.resolution, self.ownership, served[pipeline.cluster], opts)
        for cluster, models in by_cluster.items():
            self._watch(cluster, models)
        provider = next(iter(self.handles.aws.values()), None)
        if provider is not None:
            Budget(
                f"{self.environment}-{self.department.department}",
                {
                    "monthly_usd": float(self.department.monthly_budget_usd),
                    "ownership": self.ownership.args(),
                },
                pulumi.ResourceOptions(parent=self.parent, providers=[provider]),
            )
        targets = {
            each.target
            for each in self.resolution.endpoints
            if each.department.department == self.department.department
        }
        declare_cloud_budgets(
            self.resolution.environment.platform.managed,
            self.ownership,
            float(self.department.monthly_budget_usd),
            self.handles.google if "vertex" in targets else {},
            self.handles.azure if "azureml" in targets else {},
            self.parent,
        )
        endpoints = DepartmentEndpoints(
            self.resolution, self.department, self.ownership, self.handles, self.images.reference, self.parent
        ).declare()
        return {
            "models": _urls(self.models),
            "graphs": _urls(self.graphs),
            "pipelines": _urls(self.pipelines),
            "endpoints": endpoints,
        }

    def _in_order(self) -> list[ResolvedModel]:
        """Models that share another's Server after that one."""
        return sorted(self.models, key=lambda model: not model.declared.has_own_pods)

    def _serve(self, model: ResolvedModel, served: Mapping[str, pulumi.Resource]) -> pulumi.Resource:
        """``served``: components of models that are declared already on the same cluster, by name."""
        cluster = self.handles.clusters[model.cluster]
        declared = model.declared
        arguments: Any = {
            "ownership": self.ownership.args(),
            "model": declared.name,
            "cluster": model.cluster,
            "stored": self.files.stored(model, model.stable, cluster.region),
            "image": self.images.reference(model.image, cluster.region),
            "resources": declared.resources.model_dump(exclude_none=True),
            "scaling": declared.scaling.model_dump(exclude_none=True),
            "access": asked_access(self.resolution, declared.access),
            "mesh": self.resolution.environment.platform.gateway.access.mesh,
            **self._versions(model, cluster.region),
            "max_surge": model.rollout.max_surge,
            "max_unavailable": model.rollout.max_unavailable,
            "hostname": model.hostname,
            "tolerations": _tolerations(model),
            "env": {key: value for key, value in declared.env.items() if isinstance(value, str)},
            "secret_env": {
                key: value.model_dump(exclude_none=True)
                for key, value in declared.env.items()
                if isinstance(value, SecretReference)
            },
        }
        if self.resolution.cluster(model.cluster).declared.existing is None:
            arguments["priority_class"] = SERVING
        arguments |= self._reader(model, cluster)
        if not declared.weights.are_copied:
            arguments["weights"] = decided_weights(model, cluster.cloud).model_dump(exclude_none=True)
        if model.price_basis is not None:
            arguments["price_basis"] = model.price_basis
        system = self.resolution.cluster(model.cluster).system_price_basis
        if declared.kserve is not None and system is not None:
            arguments["companion_price_basis"] = system
        if model.pool is not None:
            arguments["pool"] = model.pool.declared.name
            if model.pool.declared.dra:
                profile = model.pool.claimed_profile
                arguments["gpu_claim"] = {} if profile is None else {"mig_profile": profile}
            if model.pool.gpu_resource != NVIDIA:
                arguments |= {"device": model.pool.gpu_resource, "node_labels": dict(model.pool.asked_labels)}
        if model.cpu_pool is not None:
            arguments["pool"] = model.cpu_pool.declared.name
        if model.overflow_pool is not None:
            arguments["overflow_pool"] = model.overflow_pool.declared.name
        opts = self._opts(cluster)
        shared = None if declared.seldon is None else declared.seldon.shared_server
        if shared is not None and shared in served:
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[served[shared]]))
        return serve(
            f"{self.environment}-{model.cluster}-{declared.name}",
            model,
            arguments,
            opts,
            image=lambda named: self.images.reference(registered(named), cluster.region),
            graphs=[
                graph.declared.name
                for graph in self.graphs
                if graph.cluster == model.cluster and declared.name in graph.declared.models()
            ],
        )

    def _reader(self, model: ResolvedModel, cluster: ClusterHandle) -> dict[str, Any]:
        """By what its pods prove to the cluster's cloud who they are."""
        if cluster.cloud == "aws":
            return {} if cluster.name is None else {"eks_cluster": cluster.name}
        from .model_reader import model_reader

        return model_reader(
            f"{self.environment}-{model.cluster}-{model.declared.name}",
            model.declared.name,
            self.ownership,
            (model.cluster, cluster),
            self.handles.stores[cluster.region],
            self.parent,
        )

    def _prefetch_images(self) -> None:
        """On the nodes of every pool that its models may run on, where the cluster says so."""
        wanted: dict[tuple[str, str], list[ResolvedModel]] = {}
        for model in self.models:
            if self.resolution.cluster(model.cluster).declared.gpu_software.prefetch_images and model.image is not None:
                for pool in filter(None, (model.pool, model.overflow_pool)):
                    wanted.setdefault((model.cluster, pool.declared.name), []).append(model)
        if not wanted:
            return
        from ..capacity.software.image_prefetch import ImagePrefetch

        for (cluster, pool), models in wanted.items():
            handle = self.handles.clusters[cluster]
            arguments: Any = {
                "ownership": self.ownership.args(),
                "pool": pool,
                "images": [
                    self.images.reference(image, handle.region)
                    for image in dict.fromkeys(model.image for model in models)
                ],
            }
            name = f"{self.environment}-{cluster}-{self.department.department}-{pool}"
            ImagePrefetch(name, arguments, self._opts(handle))

    def _opts(self, cluster: ClusterHandle) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self.parent,
            providers=[cluster.kubernetes, *([cluster.provider] if cluster.provider is not None else [])],
            depends_on=self._before_pods(cluster),
        )

    def _versions(self, model: ResolvedModel, region: str) -> dict[str, Any]:
        rollout = model.declared.rollout
        if rollout is None:
            return {"version": model.declared.version}
        arguments: dict[str, Any] = {"rollout": rollout.model_dump(exclude_none=True)}
        if model.canary is not None:
            arguments["canary"] = {"stored": self.files.stored(model, model.canary, region)}
        return arguments

    def _before_pods(self, cluster: ClusterHandle) -> list[pulumi.Resource]:
        """What this stack makes itself and pods need; in a department's own stack the foundation is already up."""
        software = cluster.software
        installed = [software.gateway, software.priority_class, *software.pod_identity_guard] if software else []
        return [*cluster.namespaces.get(self.department.department, ()), *installed, *cluster.controllers]

    def _repository(self, region: str, repository: str) -> pulumi.Output[str]:
        return self.handles.repository_urls[region].apply(lambda urls: urls[repository])

    def _watch(self, cluster: str, models: list[ResolvedModel]) -> None:
        if self.resolution.cluster(cluster).declared.existing is not None:
            return
        arguments: Any = {
            "ownership": self.ownership.args(),
            "models": [watched_model(model) for model in models],
            "scrape_interval_seconds": self.resolution.environment.platform.monitoring.scrape_interval_seconds,
        }
        handle = self.handles.clusters[cluster]
        Monitoring(
            f"{self.environment}-{cluster}-{self.department.department}",
            arguments,
            pulumi.ResourceOptions(
                parent=self.parent,
                providers=[handle.kubernetes],
                depends_on=[
                    *handle.namespaces.get(self.department.department, ()),
                    *([handle.software.prometheus_stack] if handle.software else ()),
                ],
            ),
        )


def _urls(served: Iterable[ResolvedModel | ResolvedGraph | ResolvedPipeline]) -> dict[str, dict[str, str]]:
    """By name and cluster."""
    urls: dict[str, dict[str, str]] = {}
    for each in served:
        if each.hostname is not None:
            urls.setdefault(each.declared.name, {})[each.cluster] = f"https://{each.hostname}"
    return urls


def _tolerations(model: ResolvedModel) -> list[dict[str, str]]:
    """Of the taints that its pools have."""
    return [{"key": key, "value": value, "effect": effect} for key, value, effect in model.tolerated]
