"""Arguments of an online endpoint, checked and completed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from ...environment.azureml import AzureML, auth_mode_of, kind_problems
from ...environment.declaration import Declaration
from ...environment.known_name import unknown
from ...environment.model import ServerResources, secret_in_variable
from ...environment.names import ModelName
from ...environment.patterns import AZURE_LOCATION_PATTERN, UUID_PATTERN, VARIABLE_PATTERN
from ...environment.rollout import Rollout
from ...environment.scaling import Scaling
from ...governance.arguments import read_arguments
from ...governance.logical_name import logical_name
from ...governance.ownership import Ownership
from . import instance_types
from .alerts import Thresholds
from .assets import Routes
from .autoscale import scaling_problems
from .deployment import Deployment
from .endpoint_args import AzureMLEndpointArgs
from .traffic import NAME_LIMIT, deployment_name, mirror_traffic, rollout_problems, traffic

MOST_DEPLOYMENTS = 20
"""Of an endpoint."""
_AUTH_MODES = {"aad_token": "AADToken", "aml_token": "AMLToken", "key": "Key"}


class AzureMLVersionDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.azureml.endpoint_args.AzureMLVersionArgs`."""

    version: Annotated[int, Field(ge=1)]
    model_uri: Any
    image: Any = None
    instance_type: str | None = None


class AzureMLEndpointDeclaration(AzureML):
    """Same keys as :class:`~modelyard.serving.azureml.endpoint_args.AzureMLEndpointArgs`."""

    ownership: Mapping[str, Any]
    model: ModelName
    location: Annotated[str, StringConstraints(pattern=AZURE_LOCATION_PATTERN)]
    subscription_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
    resource_group: Any
    workspace: Any
    workspace_id: Any
    versions: Annotated[list[AzureMLVersionDeclaration], Field(min_length=1, max_length=MOST_DEPLOYMENTS)]
    version: Annotated[int, Field(ge=1)]
    rollout: Rollout | None = None
    image: Any = None
    routes: Routes = Routes()
    env: Mapping[Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)], Any] = {}
    resources: ServerResources = ServerResources()
    scaling: Scaling = Scaling()
    p99_ms: Annotated[float, Field(ge=1, le=600_000)] | None = None
    requests_per_second: Annotated[float, Field(gt=0, le=10_000_000)] | None = None
    error_rate: Annotated[float, Field(gt=0, lt=1)] = 0.01
    alert_minutes: Annotated[int, Field(ge=1, le=120)] = 5
    action_groups: list[Any] = []
    log_analytics_id: Any = None
    container_registry_id: Any = None
    storage_account_id: Any = None
    entra_only: bool = False
    computes: Mapping[str, list[str]] | None = None

    @property
    def deployed(self) -> tuple[int, ...]:
        """Versions that are deployed, in order."""
        return tuple(sorted(each.version for each in self.versions))

    @property
    def deployment_names(self) -> dict[int, str]:
        """By version."""
        return {each.version: deployment_name(each.version, self.instance_type_of(each)) for each in self.versions}

    @property
    def traffic(self) -> dict[str, int]:
        """Percent by deployment; they make 100."""
        return traffic(self.deployment_names, self.version, self.rollout)

    @property
    def mirror_traffic(self) -> dict[str, int]:
        """Percent that is copied, by deployment."""
        return mirror_traffic(self.deployment_names, self.rollout)

    @property
    def azure_auth_mode(self) -> str:
        """``authMode`` in Azure's words."""
        return _AUTH_MODES[auth_mode_of(self)]

    @property
    def kind(self) -> str:
        """Which Azure's own tools show: Managed or K8S."""
        return "Managed" if self.arc is None else "K8S"

    @property
    def name(self) -> str:
        """Of the endpoint."""
        if self.endpoint_name is not None:
            return self.endpoint_name
        return default_name(self.model, self.owner.department, self.owner.environment)

    @property
    def owner(self) -> Ownership:
        """With the model's name."""
        return Ownership.of(self.ownership).of_model(self.model)  # type: ignore[arg-type]

    def instance_type_of(self, version: AzureMLVersionDeclaration) -> str | None:
        """VM size of a version; None: the compute's own, on an Arc cluster."""
        named = version.instance_type or self.instance_type
        if named is not None or self.arc is not None:
            return named
        asked = self.resources
        return instance_types.cheapest(asked.cpu, asked.memory_gib, asked.gpus, self.location)

    def deployment(self, version: AzureMLVersionDeclaration) -> Deployment:
        """What Azure is told of one version besides its model and image."""
        return Deployment(
            instance_type=self.instance_type_of(version),
            scaling=self.scaling,
            resources=self.resources,
            request=self.request,
            startup=self.startup,
            liveness=self.liveness,
            readiness=self.readiness,
            data_collection=self.data_collection,
            app_insights=self.app_insights,
            egress_public_access=self.egress_public_access,
            model_type=self.model_type,
            arc=self.arc is not None,
        )

    def has_gpu(self, version: AzureMLVersionDeclaration) -> bool:
        """Whether its instances have one, or a part of one."""
        named = self.instance_type_of(version)
        return self.resources.gpus > 0 if self.arc or named is None else bool(instance_types.get(named).gpus)

    def thresholds(self, version: AzureMLVersionDeclaration) -> Thresholds:
        """When somebody is told."""
        return Thresholds(
            self.p99_ms, self.requests_per_second, self.error_rate, self.has_gpu(version), self.arc is not None
        )

    @model_validator(mode="after")
    def _fits(self) -> AzureMLEndpointDeclaration:
        problems = [
            *kind_problems(self),
            *self._entra_problems(),
            *self._compute_problems(),
            *self._version_problems(),
            *rollout_problems(self.rollout, self.deployed, self.version, arc=self.arc is not None),
            *scaling_problems(self.scaling, arc=self.arc is not None),
            *self._instance_problems(),
            *self._image_problems(),
            *self._variable_problems(),
        ]
        if problems:
            raise ValueError("; and ".join(problems))
        return self

    def _entra_problems(self) -> Iterator[str]:
        mode = auth_mode_of(self)
        if not self.entra_only or mode == "aad_token":
            return
        if self.arc is not None:
            yield (
                f"arc {self.arc} is a compute whose endpoints take aml_token or key, and nothing but tokens of "
                "Microsoft Entra is admitted (entra_only); serve the model on Azure's machines, or leave entra_only out"
            )
        else:
            yield (
                f"auth_mode is {mode}, and nothing but tokens of Microsoft Entra is admitted (entra_only); write "
                "aad_token, or leave entra_only out"
            )

    def _compute_problems(self) -> Iterator[str]:
        if self.arc is None or self.computes is None:
            return
        if self.arc not in self.computes:
            yield f"arc: {unknown('a compute on an Arc cluster', self.arc, self.computes)}"
            return
        offered = self.computes[self.arc]
        named = {each.instance_type or self.instance_type for each in self.versions} - {None}
        for instance_type in sorted(str(each) for each in named):
            if offered and instance_type not in offered:
                noun = f"an instance type of compute {self.arc}"
                yield f"instance_type: {unknown(noun, instance_type, offered)}"

    def _version_problems(self) -> Iterator[str]:
        for version in sorted({each for each in self.deployed if self.deployed.count(each) > 1}):
            yield f"versions names version {version} more than once; delete one"

    def _instance_problems(self) -> Iterator[str]:
        if self.arc is not None:
            return
        needed = self.resources.gpus if "gpus" in self.resources.model_fields_set else None
        told = set()
        for position, version in enumerate(self.versions):
            named = self.instance_type_of(version)
            if named is None:
                problem, path = (
                    (
                        f"is missing, and no size of {self.location} is known to have {self.resources.cpu:g} cores, "
                        f"{self.resources.memory_gib:g} GiB and {self.resources.gpus} GPUs; name a VM size"
                    ),
                    "instance_type",
                )
            else:
                problem = instance_types.instance_type_problem(named, self.location, needed)
                path = f"versions[{position}].instance_type" if version.instance_type else "instance_type"
            if problem is not None and (path, problem) not in told:
                told.add((path, problem))
                yield f"{path} {problem}" if named is None else f"{path}: {problem}"

    def _image_problems(self) -> Iterator[str]:
        if self.model_type != "custom_model":
            return
        for position, version in enumerate(self.versions):
            if self.image is None and version.image is None:
                yield (
                    f"versions[{position}] is a custom_model without an image, and Azure ML has a server only for "
                    "triton_model and mlflow_model; name image"
                )

    def _variable_problems(self) -> Iterator[str]:
        for name, value in self.env.items():
            if isinstance(value, str) and (reason := secret_in_variable(name, value)):
                yield f"env.{name}: {reason.split(';')[0]}; name one of Key Vault in injected_secrets"
            if name in self.injected_secrets:
                yield f"env.{name} is in injected_secrets too; delete one of them"


def default_name(model: str, department: str, environment: str) -> str:
    """Of an endpoint whose name nobody declares."""
    name = logical_name(model, department, environment, limit=NAME_LIMIT)
    return name.replace("_", "-").replace(".", "-").lower()


def endpoint_declaration(name: str, args: AzureMLEndpointArgs) -> AzureMLEndpointDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(AzureMLEndpointDeclaration, args, AzureMLEndpointArgs, f"AzureMLEndpoint {name}")
