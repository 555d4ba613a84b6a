"""A model at a managed service, decided: in which regions, with which files and image, and whether it keeps its
objective there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..catalog import sagemaker_images
from ..environment.department import Department
from ..environment.environment import Environment
from ..environment.known_name import unknown
from ..environment.model import Model
from ..environment.problem import Problem
from ..environment.secret import SecretReference
from ..environment.target import CLOUD_OF, MANAGED, SERVICE_OF, ManagedTarget
from .finding import Finding
from .format import served_format
from .image import ServerImage
from .instance_offer import instance_type, offer_of
from .notices import Notices
from .objective import decide_sizing
from .repository import ModelRepository, nothing_new
from .resolved import Artefact, ResolvedEndpoint
from .source import Source, SourceReader

_OF_CLUSTERS = {
    "clusters": "names clusters; name regions instead, or delete it",
    "pool": "is a cluster's; name the instance type under {target}, or delete it",
    "overflow_pool": "is a cluster's; raise max_replicas, or delete it",
    "access": "is asked by the clusters' gateway; {service} lets callers in by its own permissions, so delete it",
    "tensorflow_serving": "is told to pods; delete it",
    "torchserve": "is told to pods; delete it",
    "kserve": "runs on clusters; delete it",
    "seldon": "runs on clusters; delete it",
}
"""Keys that mean nothing where there is no cluster, and what to do."""
_SECRETS = {"sagemaker": "readable_secrets", "vertex": "readable_secrets", "azureml": "injected_secrets"}
"""Key below a target's that names what the server reads there, or the service puts into a variable."""
_TOLD = {"aws": "alarm_topics", "gcp": "notification_channels", "azure": "action_groups"}
"""Keys below a cloud's that say who is told of alarms."""
_RUNTIMES = ("triton",)
"""Servers that are put into a service's container by a declaration; others by the service's own keys."""


def target_findings(model: Model, environment: Environment) -> list[Finding]:
    """What does not go together with where the model runs, each at its key. Nothing else is decided where there is
    any."""
    if model.target == "auto":
        return []
    return list(_of_kubernetes(model, environment) if model.target == "kubernetes" else _of_service(model, environment))


def _of_kubernetes(model: Model, environment: Environment) -> Iterator[Finding]:
    managed = environment.platform.managed
    if not environment.platform.clusters:
        offered = [target for target in MANAGED if managed is not None and managed.regions(CLOUD_OF[target])]
        yield Finding(
            ("target",),
            f"is kubernetes, and platform.yaml has no cluster; set target: {' or '.join(offered)}, or add a cluster",
        )
    if model.regions:
        yield Finding(("regions",), "is for managed targets, and target is kubernetes; name clusters, or set a target")
    for target in MANAGED:
        if getattr(model, target, None) is not None:
            yield Finding(
                (target,), f"is for that target, and target is kubernetes; delete {target}, or set target: {target}"
            )


def _of_service(model: Model, environment: Environment) -> Iterator[Finding]:
    target = managed_target(model)
    cloud, service = CLOUD_OF[target], SERVICE_OF[target]
    managed = environment.platform.managed
    known = () if managed is None else managed.regions(cloud)
    if not known:
        yield Finding(
            ("target",),
            f"{target} needs a place in {service}, and platform.yaml names none; add managed: {{{cloud}: ...}} there",
        )
    for number, region in enumerate(model.regions if known else ()):
        if region not in known:
            yield Finding(("regions", number), unknown(f"a region of managed.{cloud}", region, known))
        elif region in model.regions[:number]:
            yield Finding(("regions", number), f"names {region!r} twice; delete one")
    for key, advice in _OF_CLUSTERS.items():
        if key in model.model_fields_set:
            yield Finding(
                (key,), f"means nothing with target {target}: it {advice.format(target=target, service=service)}"
            )
    if model.runtime not in _RUNTIMES:
        yield Finding(
            ("runtime",),
            f"{model.runtime!r} is for clusters, and target is {target}, which is given {' or '.join(_RUNTIMES)} or "
            "what its own keys name",
        )
    for other in MANAGED:
        if other != target and getattr(model, other, None) is not None:
            yield Finding(
                (other,), f"is for that target, and target is {target}; delete {other}, or set target: {other}"
            )
    if model.rollout is not None and model.rollout.by != "gateway":
        yield Finding(
            ("rollout", "by"),
            f"{model.rollout.by} runs on clusters, and {service} moves the traffic as the declaration says; set by: "
            "gateway",
        )
    for name, value in model.env.items():
        if isinstance(value, SecretReference):
            yield Finding(
                ("env", name),
                f"is a secret, and {service} shows the variables of a container to whoever may read its models; name "
                f"the cloud's own secret in {target}.{_SECRETS[target]}",
            )
    if target != "sagemaker" and model.image is not None and "@sha256:" not in model.image:
        yield Finding(
            ("image",),
            f"{model.image!r} is of the image registry, which clusters and SageMaker pull from; name an image of "
            f"{service}'s own cloud by digest",
        )
    if target != "sagemaker" and model.source.startswith("s3://"):
        yield Finding(
            ("source",),
            f"is an S3 folder, which {service} does not read; name a folder of this repository, which is uploaded",
        )


def managed_target(model: Model) -> ManagedTarget:
    """Its target, known to be a managed one."""
    target = model.target
    if target == "sagemaker" or target == "vertex" or target == "azureml":
        return target
    raise ValueError(f"{target} is no managed target")


def sagemaker_release(model: Model) -> str:
    """The release of Triton that AWS built an image of for SageMaker: the named one, which its component judges, or
    the newest."""
    own = model.sagemaker
    named = model.release or (own and own.framework_version)
    return named or sagemaker_images.get("triton", processor="gpu" if own and own.has_gpu else "cpu").version


class Endpoints:
    """Decides the endpoints of one environment's models."""

    def __init__(
        self,
        environment: Environment,
        reader: SourceReader,
        image: Callable[[Model], ServerImage | list],
        notices: Notices,
    ) -> None:
        """
        Args:
            environment: as declared.
            reader: of the models' folders.
            image: decides what serves a model.
            notices: gets what a reader of the plan should know.
        """
        self._environment, self._reader, self._image, self._notices = environment, reader, image, notices

    def decide(self, department: Department, model: Model) -> tuple[list[ResolvedEndpoint], list[Finding | Problem]]:
        """The model in each of its regions, and everything that is wrong with it; then there are no endpoints."""
        released = model.target == "sagemaker" and model.server == "triton"
        unreleased = model.model_copy(update={"release": None}) if released else model
        source, image = self._reader.read(model), self._image(unreleased)
        findings = [*(source if isinstance(source, list) else ()), *(image if isinstance(image, list) else ())]
        if not isinstance(source, Source) or not isinstance(image, ServerImage):
            return [], findings
        release = sagemaker_release(model) if released else image.release_name
        files = ModelRepository(model, source, release, self._reader)
        unsized = files.decided()
        if isinstance(unsized, list):
            return [], [*findings, *unsized]
        if source.url is not None:
            self._notices.add_model(
                model.name,
                "is loaded from an S3 folder of somebody else's; its files were not checked",
                "are loaded from S3 folders of somebody else's; their files were not checked",
            )
        endpoints: list[ResolvedEndpoint] = []
        self._say_who_is_told(model)
        self._say_what_is_open(model)
        for region in self._regions(model):
            sizing, wrong = decide_sizing(
                model, None, source, unsized, {}, self._notices, offer=offer_of(model, managed_target(model), region)
            )
            repository = unsized
            if sizing is not None and not wrong:
                sized = files.decided(sizing.settings)
                repository, wrong = (unsized, sized) if isinstance(sized, list) else (sized, wrong)
            canary, of_canary = self._canary(model, source, files, sizing, repository)
            findings += [each for each in (*wrong, *of_canary) if each not in findings]
            endpoints.append(
                ResolvedEndpoint(
                    declared=model,
                    department=department,
                    target=managed_target(model),
                    region=region,
                    image=image.image if model.image is not None else None,
                    build=image.build,
                    release=release,
                    format=served_format(model, repository),
                    stable=Artefact(model.stable_version, repository, source.folder, source.url),
                    canary=canary,
                    instance_type=instance_type(model),
                    sizing=sizing,
                )
            )
        return ([] if findings else endpoints), findings

    def _say_who_is_told(self, model: Model) -> None:
        managed, cloud = self._environment.platform.managed, CLOUD_OF[managed_target(model)]
        if managed is not None and not all(managed.alarms_tell_somebody(cloud, each) for each in self._regions(model)):
            key = f"managed.{cloud}.{_TOLD[cloud]}"
            self._notices.add_model(
                model.name,
                f"has alarms that tell nobody; name who is told in {key}",
                f"have alarms that tell nobody; name who is told in {key}",
            )

    def _say_what_is_open(self, model: Model) -> None:
        own = model.sagemaker
        if own is not None and own.ssm_access and self._environment.platform.tier == "prod":
            self._notices.add_model(
                model.name,
                "lets a shell be opened in its containers (sagemaker.ssm_access), which AWS advises against in "
                "production: its instances are patched a day later",
                "let a shell be opened in their containers (sagemaker.ssm_access), which AWS advises against in "
                "production: their instances are patched a day later",
            )

    def _regions(self, model: Model) -> list[str]:
        managed = self._environment.platform.managed
        known = () if managed is None else managed.regions(CLOUD_OF[managed_target(model)])
        return [region for region in known if not model.regions or region in model.regions]

    def _canary(self, model, source, files, sizing, repository) -> tuple[Artefact | None, list[Finding | Problem]]:
        rollout = model.rollout
        if rollout is None or rollout.canary is None:
            return None, []
        tried = files.decided(sizing.settings if sizing else None, version=rollout.canary)
        if isinstance(tried, list):
            return None, list(tried)
        wrong: list[Finding | Problem] = []
        if repository is not None and tried is not None:
            wrong = list(nothing_new(repository, tried, rollout.canary))
        return Artefact(rollout.canary, tried, source.folder, source.url), wrong
