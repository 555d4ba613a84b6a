"""What one department serves: its models on every cluster, their files, rules and budget."""

import os
from typing import Any

import pulumi

from ..capacity.software.priority_class import SERVING
from ..cost.budget import Budget
from ..environment.access import effective
from ..environment.department import Department
from ..environment.secret import SecretReference
from ..governance.ownership import Ownership
from ..monitoring.monitoring import Monitoring, thresholds
from ..registry.model_upload import ModelUpload, UploadedFileArgs, model_prefix, object_key
from ..repository.repository import RepositoryFile
from ..resolve.names import REGISTRY_PREFIX
from ..resolve.resolved import Artefact, Resolution, ResolvedModel
from .handles import ClusterHandle, FoundationHandles
from .model_service import serve, served_path


def declare_department(
    resolution: Resolution, department: Department, handles: FoundationHandles, *, parent: pulumi.Resource
) -> dict[str, dict[str, str]]:
    """Declare it, and give the address of each model on each cluster."""
    return _Department(resolution, department, handles, parent).declare()


class _Department:
    def __init__(
        self, resolution: Resolution, department: Department, handles: FoundationHandles, parent: pulumi.Resource
    ) -> None:
        self.resolution, self.department, self.handles, self.parent = resolution, department, handles, parent
        self.environment = resolution.environment.name
        self.ownership = Ownership(department.department, department.cost_center, self.environment, department.owner)
        self.models = [model for model in resolution.models if model.department.department == department.department]
        self.uploads: dict[tuple[str, str], ModelUpload] = {}
        self.files = self._files()

    def declare(self) -> dict[str, dict[str, str]]:
        urls: dict[str, dict[str, str]] = {}
        by_cluster: dict[str, list[ResolvedModel]] = {}
        for model in self.models:
            self._serve(model)
            by_cluster.setdefault(model.cluster, []).append(model)
            urls.setdefault(model.declared.name, {})[model.cluster] = f"https://{model.hostname}"
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
        return urls

    def _serve(self, model: ResolvedModel) -> None:
        cluster = self.handles.clusters[model.cluster]
        declared = model.declared
        arguments: Any = {
            "ownership": self.ownership.args(),
            "model": declared.name,
            "cluster": model.cluster,
            "stored": self._stored(model, model.stable, cluster.region),
            "image": self._image(model, cluster.region),
            "resources": declared.resources.model_dump(exclude_none=True),
            "scaling": declared.scaling.model_dump(exclude_none=True),
            "access": self._access(model),
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
        if cluster.eks_name is not None:
            arguments["eks_cluster"] = cluster.eks_name
        if model.price_basis is not None:
            arguments["price_basis"] = model.price_basis
        if model.pool is not None:
            arguments["pool"] = model.pool.declared.name
        if model.overflow_pool is not None:
            arguments["overflow_pool"] = model.overflow_pool.declared.name
        serve(
            f"{self.environment}-{model.cluster}-{declared.name}",
            model,
            arguments,
            pulumi.ResourceOptions(
                parent=self.parent,
                providers=[cluster.kubernetes, self.handles.aws[cluster.region]],
                depends_on=self._before_pods(cluster),
            ),
        )

    def _access(self, model: ResolvedModel) -> dict[str, Any]:
        """The gateway's, with what the model has otherwise. Certificates are asked for by the listener alone."""
        gateway = self.resolution.environment.platform.gateway.access
        asked = effective(gateway, model.declared.access)
        shared = {"mesh", "rate_limit_redis"}
        if asked.authentication is not None and asked.authentication.mtls is not None:
            shared.add("authentication")
        return asked.model_dump(exclude=shared, exclude_none=True, exclude_defaults=True)

    def _versions(self, model: ResolvedModel, region: str) -> dict[str, Any]:
        rollout = model.declared.rollout
        if rollout is None:
            return {"version": model.declared.version}
        arguments: dict[str, Any] = {"rollout": rollout.model_dump(exclude_none=True)}
        if model.canary is not None:
            arguments["canary"] = {"stored": self._stored(model, model.canary, region)}
        return arguments

    def _before_pods(self, cluster: ClusterHandle) -> list[pulumi.Resource]:
        """What this stack makes itself and pods need; in a department's own stack the foundation is already up."""
        software = cluster.software
        installed = [software.gateway, software.priority_class, *software.pod_identity_guard] if software else []
        return [*cluster.namespaces.get(self.department.department, ()), *installed, *cluster.controllers]

    def _watch(self, cluster: str, models: list[ResolvedModel]) -> None:
        if self.resolution.cluster(cluster).declared.existing is not None:
            return
        runtimes = sorted({model.declared.runtime for model in models})
        arguments: Any = {
            "ownership": self.ownership.args(),
            "models": [
                thresholds(
                    model.declared.name,
                    model.declared.alerts,
                    max_replicas=model.max_replicas,
                    sleeps=model.min_replicas == 0 and model.declared.rollout is None,
                    p99_ms=model.declared.objective.p99_ms if model.declared.objective else None,
                )
                for model in models
                if model.declared.runtime == "triton"
            ],
            "runtimes": runtimes,
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

    def _stored(self, model: ResolvedModel, artefact: Artefact, region: str) -> dict[str, Any]:
        name, store = model.declared.name, self.handles.stores[region]
        stored: dict[str, Any] = {"region": region, "digest": artefact.digest}
        if artefact.url is not None:
            bucket, _, prefix = artefact.url.removeprefix("s3://").partition("/")
            return {**stored, "bucket": bucket, "prefix": prefix.rstrip("/")}
        upload = self._upload(model, region)
        return {
            **stored,
            # A pod that starts before its files are there would fail: the bucket is known when the upload is done.
            "bucket": pulumi.Output.all(store.bucket, upload.url).apply(lambda known: known[0]),
            "prefix": model_prefix(self.department.department, name),
            "kms_key_arn": store.kms_key_arn,
            "files": [
                {
                    "path": served_path(model, file.key),
                    "object": object_key(file.key, file.sha256),
                    "sha256": file.sha256,
                    "size_bytes": file.size,
                }
                for file in artefact.files
            ],
        }

    def _upload(self, model: ResolvedModel, region: str) -> ModelUpload:
        """Once a region: clusters of one region share its store, and may be configured in different ways."""
        key = (region, model.declared.name)
        if key not in self.uploads:
            store = self.handles.stores[region]
            self.uploads[key] = ModelUpload(
                f"{self.environment}-{region}-{model.declared.name}",
                {
                    "region": region,
                    "bucket": store.bucket,
                    "kms_key_arn": store.kms_key_arn,
                    "model": model.declared.name,
                    "files": [_uploaded(file) for file in self.files[key]],
                    "ownership": self.ownership.args(),
                },
                pulumi.ResourceOptions(parent=self.parent, providers=[self.handles.aws[region]]),
            )
        return self.uploads[key]

    def _files(self) -> dict[tuple[str, str], list[RepositoryFile]]:
        """By region and model: what every cluster of the region serves, each content once."""
        contents: dict[tuple[str, str], dict[str, RepositoryFile]] = {}
        for model in self.models:
            if model.url is None:
                key = (self.handles.clusters[model.cluster].region, model.declared.name)
                contents.setdefault(key, {}).update({object_key(file.key, file.sha256): file for file in model.files})
        return {
            key: [files[each] for each in sorted(files, key=lambda each: (files[each].key, each))]
            for key, files in contents.items()
        }

    def _image(self, model: ResolvedModel, region: str) -> pulumi.Input[str]:
        if not model.image.startswith(REGISTRY_PREFIX):
            return model.image
        repository, _, tag = model.image.removeprefix(REGISTRY_PREFIX).rpartition(":")
        return self.handles.repository_urls[region].apply(lambda urls: f"{urls[repository]}:{tag}")


def _tolerations(model: ResolvedModel) -> list[dict[str, str]]:
    """Of the taints that its pools have."""
    pools = [pool for pool in (model.pool, model.overflow_pool) if pool is not None]
    taints = dict.fromkeys(taint for pool in pools for taint in pool.taints)
    return [{"key": key, "value": value, "effect": effect} for key, value, effect in taints]


def _uploaded(file: RepositoryFile) -> UploadedFileArgs:
    if file.path is None:
        return {"key": file.key, "sha256": file.sha256, "text": file.text or ""}
    return {"key": file.key, "sha256": file.sha256, "path": os.path.relpath(file.path)}
