"""Arguments of a SageMaker endpoint, checked and completed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from ...catalog import sagemaker_images, sagemaker_instances, sagemaker_limits
from ...catalog.spelling import nearest
from ...catalog.table import UnknownName
from ...environment.declaration import Declaration
from ...environment.model import ModelAlerts, secret_in_variable
from ...environment.names import ModelName
from ...environment.patterns import REGION_PATTERN
from ...environment.rollout import Rollout
from ...environment.sagemaker import SageMaker
from ...environment.sagemaker_quality import quality_problems
from ...environment.scaling import Scaling
from ...governance.arguments import read_arguments
from ...governance.ownership import Ownership, OwnershipArgs
from ..workload.declaration import VariableName
from .endpoint_args import SageMakerEndpointArgs

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_DEFAULT_FRAMEWORK = "triton"
_FOLLOWED = ("target_requests_per_second", "target_concurrency", "target_gpu_utilization_percent")


class SageMakerCanaryDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.sagemaker.endpoint_args.SageMakerCanaryArgs`."""

    artefact: Any
    image: Any = None


class SageMakerEndpointDeclaration(SageMaker):
    """Same keys as :class:`~modelyard.serving.sagemaker.endpoint_args.SageMakerEndpointArgs`."""

    model: ModelName
    region: Annotated[str, StringConstraints(pattern=REGION_PATTERN)]
    endpoint_name: str | None = None
    artefact: Any
    artefact_is_folder: bool | None = None
    artefact_kms_key_arn: Any = None
    image: Any = None
    version: Annotated[int, Field(ge=1)] | None = None
    env: Mapping[VariableName, str] = {}
    rollout: Rollout | None = None
    canary: SageMakerCanaryDeclaration | None = None
    scaling: Scaling = Scaling()
    p99_ms: Annotated[float, Field(ge=1, le=600_000)] | None = None
    requests_per_second: Annotated[float, Field(gt=0, le=10_000_000)] | None = None
    alerts: ModelAlerts = ModelAlerts()
    alarm_topic_arn: Any = None
    data_url: Any = None
    vpc_id: Any = None
    subnet_ids: Annotated[list[Any], Field(max_length=16)] = []
    security_group_ids: Annotated[list[Any], Field(max_length=5)] = []
    kms_key_arn: Any = None
    log_retention_days: Annotated[int, Field(ge=1, le=3653)] = 30
    ownership: Mapping[str, Any]

    @property
    def owner(self) -> Ownership:
        """With the model's name.

        Raises:
            InvalidOwnership: the ownership does not fit.
        """
        given: OwnershipArgs = self.ownership  # type: ignore[assignment]
        return Ownership.of(given).of_model(self.model)

    @property
    def physical_name(self) -> str:
        """Of the endpoint."""
        return self.endpoint_name or f"{self.ownership.get('environment', '')}-{self.model}"

    @property
    def stable_version(self) -> int:
        return self.rollout.stable if self.rollout is not None else self.version or 1

    @property
    def server_framework(self) -> str:
        return self.framework or _DEFAULT_FRAMEWORK

    @property
    def served_image(self) -> Any:
        """The image given, or SageMaker's own for framework, processor and region."""
        if self.image is not None:
            return self.image
        return self._catalogue_image().reference(self.region)

    def _catalogue_image(self) -> sagemaker_images.SageMakerImage:
        processor = "gpu" if self.has_gpu else "cpu"
        return sagemaker_images.get(self.server_framework, self.framework_version, processor=processor)

    def _problems(self) -> list[str]:
        return [
            *super()._problems(),
            *self._name_problems(),
            *self._place_problems(),
            *self._image_problems(),
            *self._artefact_problems(),
            *self._rollout_problems(),
            *self._scaling_problems(),
            *self._deployment_problems(),
            *self._network_problems(),
            *self._data_problems(),
            *self._variable_problems(),
        ]

    def _name_problems(self) -> list[str]:
        most = sagemaker_limits.limit("name_characters")
        name = self.physical_name
        if len(name) > most:
            return [
                f"the endpoint would be named {name}, of {len(name)} characters; SageMaker allows {most}, so shorten it"
            ]
        if not _NAME.fullmatch(name):
            return [f"endpoint_name {name!r} must be letters, digits and hyphens, beginning and ending with no hyphen"]
        return []

    def _place_problems(self) -> list[str]:
        known = sagemaker_instances.regions()
        if self.region not in known:
            close = nearest(self.region, known)
            return [f"region {self.region} hosts no models at SageMaker{f'; did you mean {close}?' if close else ''}"]
        if self.kind == "serverless" and self.region not in sagemaker_limits.serverless_regions():
            return [
                f"region {self.region} has no serverless inference; choose one of "
                f"{', '.join(sagemaker_limits.serverless_regions())}, or set kind: real_time"
            ]
        if self.instance_type is None:
            return []
        reserved = None if self.capacity_reservation is None else self.capacity_reservation.arn.split(":")[3]
        if reserved is not None and reserved != self.region:
            return [
                f"capacity_reservation.arn is of {reserved}, and the endpoint is in {self.region}; name a reservation "
                "there, or delete it"
            ]
        wanted = sagemaker_instances.get(self.instance_type)
        if self.region in wanted.regions:
            return []
        offered = sagemaker_instances.in_region(self.region)
        same = [each for each in offered if sagemaker_instances.get(each).accelerator == wanted.accelerator]
        close = nearest(wanted.name, same) or (same[0] if same else None)
        return [
            f"instance_type {wanted.name} is not offered in {self.region}"
            + (f"; the nearest that is: {close}" if close else "; no type with such an accelerator is")
        ]

    def _image_problems(self) -> list[str]:
        if self.image is not None:
            if self.framework_version is None:
                return []
            return ["framework_version is of SageMaker's own images, and image is named; delete one of them"]
        if self.region not in sagemaker_instances.regions():
            return []
        if self.has_gpu and self.server_framework not in sagemaker_images.frameworks("gpu"):
            return [
                f"SageMaker has no {self.server_framework} image for GPUs, and instance_type is {self.instance_type}; "
                "choose one such as ml.m5.xlarge, or name an image of yours"
            ]
        try:
            self._catalogue_image().reference(self.region)
        except UnknownName as unknown:
            return [f"framework_version: {unknown}"]
        if self.instance_type and sagemaker_instances.get(self.instance_type).architecture == "arm64":
            return [
                f"instance_type {self.instance_type} has an Arm processor, and SageMaker's own images are built for "
                "x86-64; name an image of yours, or choose a type such as ml.c6i.xlarge"
            ]
        return []

    def _artefact_problems(self) -> list[str]:
        problems = []
        given = {"artefact": self.artefact}
        if self.canary is not None:
            given["canary.artefact"] = self.canary.artefact
        for name, url in given.items():
            if not isinstance(url, str):
                continue
            if self.artefact_is_folder is not None and self.artefact_is_folder != url.endswith("/"):
                ends, said = ("a slash", "false") if url.endswith("/") else ("no slash", "true")
                problems.append(f"{name} {url} ends with {ends}, and artefact_is_folder is {said}; delete that key")
            if not url.startswith("s3://"):
                problems.append(f"{name} {url!r} must be an s3:// URL")
            elif self.kind == "multi_model":
                if not url.endswith("/"):
                    problems.append(
                        f"{name} {url} is one file; for multi_model name the archives' folder, with a slash"
                    )
            elif url.endswith("/") and self.kind == "serverless":
                problems.append(
                    f"{name} {url} is a folder, which a serverless endpoint cannot serve as it lies; pack model.tar.gz"
                )
            elif not url.endswith(("/", ".tar.gz")):
                problems.append(f"{name} {url} must end with .tar.gz, or with a slash for a folder served as it lies")
        return problems

    def _rollout_problems(self) -> list[str]:
        problems = []
        rollout = self.rollout
        tried = None if rollout is None else rollout.canary
        if self.canary is not None and tried is None:
            problems.append("canary is given, and rollout names none; name its version in rollout.canary, or delete it")
        if rollout is None:
            return problems
        if self.version is not None and self.version != rollout.stable:
            problems.append(f"version is {self.version} and rollout.stable {rollout.stable}; delete version")
        if rollout.by != "gateway":
            problems.append(
                f"rollout.by {rollout.by} moves the traffic of a cluster; at SageMaker write gateway, or delete "
                "rollout and let deployment shift it"
            )
        if self.deployment is not None:
            problems.append(
                "deployment shifts the traffic of one variant to new instances, and rollout has a variant for each "
                "version; delete one of them"
            )
        if tried is None:
            return problems
        if self.canary is None:
            problems.append(f"rollout.canary is {tried}, and canary is missing; add canary: {{artefact: s3://...}}")
        problems += self._canary_problems(rollout)
        return problems

    def _canary_problems(self, rollout: Rollout) -> list[str]:
        """What some kinds do not do: more than one variant, or a shadow."""
        if self.kind in ("serverless", "inference_components"):
            instead = (
                "deployment: {shift: canary}" if self.kind == "serverless" else "a second model, which callers name"
            )
            return [
                f"rollout.canary needs two production variants, which kind {self.kind} has not; the nearest: {instead}"
            ]
        if rollout.mirrored and self.kind != "real_time":
            return [f"rollout.mirror_percent needs a shadow variant, which kind {self.kind} has not; delete it"]
        other = None if self.canary is None else self.canary.image
        if self.kind == "multi_model" and other is not None and other != self.image:
            return ["canary.image differs from image, and all models behind one multi_model endpoint have one image"]
        return []

    def _scaling_problems(self) -> list[str]:
        scaling = self.scaling
        problems = []
        if self.kind == "serverless":
            return self._warmth_problems()
        if scaling.min_replicas == 0 and self.kind in ("real_time", "multi_model"):
            problems.append(
                f"scaling.min_replicas is 0, and kind {self.kind} keeps at least one instance; set kind: serverless, "
                "async or inference_components, or write 1"
            )
        if self.managed_scaling is not None and self.kind == "real_time" and scaling.max_replicas > 1:
            problems.append("managed_scaling and scaling both move the instances; delete one of them")
        targets = [name for name in _FOLLOWED if getattr(scaling, name) is not None]
        if scaling.max_replicas > scaling.min_replicas and not targets and self.kind != "async":
            problems.append(
                "scaling has room to grow and no target that SageMaker follows; name one of "
                f"scaling.{', scaling.'.join(_FOLLOWED)}"
            )
        if scaling.target_gpu_utilization_percent is not None and not self.has_gpu:
            problems.append(
                f"scaling.target_gpu_utilization_percent is given, and {self.instance_type} has no GPU; name "
                "target_requests_per_second or target_concurrency"
            )
        return problems

    def _warmth_problems(self) -> list[str]:
        """Of a serverless endpoint, whose windows raise the provisioned concurrency."""
        scaling, wanted = self.scaling, self.serverless
        floor = None if wanted is None else wanted.provisioned_concurrency
        if scaling.min_replicas > 1 or (scaling.max_replicas > 1 and not scaling.schedules):
            return [
                "scaling counts instances, and a serverless endpoint has none; write serverless.max_concurrency and "
                "serverless.provisioned_concurrency"
            ]
        if not scaling.schedules:
            return []
        if wanted is None or floor is None:
            return ["scaling.schedules raises serverless.provisioned_concurrency, which is missing; add it"]
        problems = []
        for position, window in enumerate(scaling.schedules):
            named = f"scaling.schedules[{position}] ({window.text}) asks for min_replicas {window.min_replicas}"
            if window.min_replicas > wanted.max_concurrency:
                problems.append(f"{named}, more than serverless.max_concurrency {wanted.max_concurrency}; lower it")
            elif window.min_replicas <= floor:
                problems.append(f"{named}, no more than serverless.provisioned_concurrency {floor}; raise it")
        return problems

    def _deployment_problems(self) -> list[str]:
        wanted = self.deployment
        if wanted is not None and self.kind == "inference_components":
            if wanted.shift == "rolling":
                return []
            return [
                f"deployment.shift {wanted.shift} is of instances, and inference components are exchanged copy by "
                "copy; write shift: rolling"
            ]
        if wanted is None or wanted.shift == "all_at_once" or self.kind == "serverless":
            return []
        floor = self.scaling.min_replicas if self.managed_scaling is None else self.managed_scaling.min_instances
        if floor >= 2:
            return []
        return [
            f"deployment.shift {wanted.shift} moves at most half of the instances at once, and there is {floor}; write "
            "scaling.min_replicas: 2, or shift: all_at_once"
        ]

    def _network_problems(self) -> list[str]:
        problems = []
        if self.subnet_ids and self.kind == "serverless":
            problems.append("subnet_ids is nothing that a serverless endpoint has; delete it, or set kind: real_time")
        grouped = self.vpc_id is not None or bool(self.security_group_ids)
        if self.subnet_ids and not grouped:
            problems.append("subnet_ids needs vpc_id, where a security group is made, or security_group_ids; add one")
        if grouped and not self.subnet_ids:
            problems.append("vpc_id and security_group_ids say nothing without subnet_ids; add the private subnets")
        if self.vpc_id is not None and self.security_group_ids:
            problems.append("vpc_id makes a security group, and security_group_ids names some; delete one of them")
        return problems

    def _data_problems(self) -> list[str]:
        wanted = {
            "capture.url": self.capture is not None and self.capture.url is None,
            "core_dumps.url": self.core_dumps is not None and self.core_dumps.url is None,
            "quality.reports_url": self.quality is not None and self.quality.reports_url is None,
            "asynchronous.output_url": self.kind == "async"
            and (self.asynchronous is None or self.asynchronous.output_url is None),
        }
        return [
            *self._quality_problems(),
            *(
                f"{name} is missing, and so is data_url, below which it would lie; add one of them"
                for name, missing in wanted.items()
                if missing and self.data_url is None
            ),
        ]

    def _quality_problems(self) -> list[str]:
        if self.quality is None:
            return []
        content = None if self.capture is None else self.capture.content
        return quality_problems(self.quality, kind=self.kind, captured=content, region=self.region)

    def _variable_problems(self) -> list[str]:
        problems = [
            f"env.{name}: {reason.split(';')[0]}; name one of AWS Secrets Manager in readable_secrets"
            for name, value in self.env.items()
            if (reason := secret_in_variable(name, value))
        ]
        problems += [
            f"env.{name} is in readable_secrets too; delete one of them"
            for name in self.env
            if name in self.readable_secrets
        ]
        most = sagemaker_limits.limit("environment_variables") - 10
        count = len(self.env) + len(self.readable_secrets)
        if count > most:
            problems.append(f"env has {count} variables; SageMaker allows {most} beside the server's own")
        return problems


def declaration(name: str, args: SageMakerEndpointArgs) -> SageMakerEndpointDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(SageMakerEndpointDeclaration, args, SageMakerEndpointArgs, f"SageMakerEndpoint {name}")
