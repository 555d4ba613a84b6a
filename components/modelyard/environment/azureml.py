"""A model served by Azure Machine Learning: what its online endpoint says besides what every model says."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .cloud_secret import KeyVaultSecret
from .declaration import Declaration
from .known_name import refusal
from .names import NAME_PATTERN
from .patterns import IN_AZURE_GROUP, UUID_PATTERN, VARIABLE_PATTERN

AuthMode = Literal["aad_token", "aml_token", "key"]
ModelType = Literal["triton_model", "mlflow_model", "custom_model"]
RollingRate = Literal["minute", "hour", "day", "month", "year"]
RouterService = Literal["loadBalancer", "nodePort", "clusterIP"]

EXTENSION_TYPE = "Microsoft.AzureML.Kubernetes"
"""Cluster extension that Azure Machine Learning deploys through."""

MOST_MIRRORED = 50
"""Percent of the traffic that an endpoint copies at most."""
MOST_INSTANCES = 50
"""Of one deployment, unless Azure has raised the subscription's limit."""
LONGEST_REQUEST_SECONDS = 180
LONGEST_KUBERNETES_REQUEST_SECONDS = 300
MOST_WINDOWS = 9
"""Of a schedule: Azure Monitor takes 20 profiles, a window is two of them and the other hours are one."""

_NAME = re.compile(r"[a-z](-?[a-z0-9])*")
_ARC_CLUSTER = re.compile(rf"{IN_AZURE_GROUP}[Mm]icrosoft\.[Kk]ubernetes/connected[Cc]lusters/[^/\s]+")


def name_problem(name: str, noun: str) -> str | None:
    """Why Azure would refuse the name of an endpoint or a deployment ("Manage and increase quotas and limits for
    resources with Azure Machine Learning"), or None.

    Args:
        name: as declared.
        noun: "an endpoint", "a deployment", "a compute".
    """
    if not 3 <= len(name) <= 32:
        return f"{name!r} has {len(name)} characters, and {noun} of Azure ML has 3 to 32; shorten or lengthen it"
    if not _NAME.fullmatch(name):
        return (
            f"{name!r} is no name of {noun} of Azure ML: lower-case letters, digits and single hyphens, beginning with "
            "a letter and not ending with a hyphen"
        )
    return None


def _endpoint_name(name: str) -> str:
    problem = name_problem(name, "an endpoint")
    if problem is not None:
        raise refusal(problem)
    return name


def _compute_name(name: str) -> str:
    problem = name_problem(name, "a compute")
    if problem is not None:
        raise refusal(problem)
    return name


def _arc_cluster(cluster: str) -> str:
    if not _ARC_CLUSTER.fullmatch(cluster):
        raise refusal(
            f"{cluster!r} must be the resource id of an Arc cluster: /subscriptions/<id>/resourceGroups/<group>"
            "/providers/Microsoft.Kubernetes/connectedClusters/<name>"
        )
    return cluster


def _header(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,128}", name):
        raise refusal(f"{name!r} is no header's name; allowed are letters, digits and hyphens, at most 128")
    return name


HeaderName = Annotated[str, AfterValidator(_header)]
EndpointName = Annotated[str, AfterValidator(_endpoint_name)]
ComputeName = Annotated[str, AfterValidator(_compute_name)]
ArcClusterId = Annotated[str, AfterValidator(_arc_cluster)]


class Probe(Declaration):
    """How a container's health is asked."""

    initial_delay_seconds: Annotated[int, Field(ge=1, le=3600)] = 10
    """From the container's start to the first question."""
    period_seconds: Annotated[int, Field(ge=1, le=3600)] = 10
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 2
    success_threshold: Annotated[int, Field(ge=1, le=100)] = 1
    """Answers in a row after which it counts as well."""
    failure_threshold: Annotated[int, Field(ge=1, le=1000)] = 30
    """Failures in a row after which it counts as ill."""


class RequestSettings(Declaration):
    """What a deployment does with requests."""

    max_concurrent_requests: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """In flight on one instance; what comes beyond is refused with 429. Default: 64 for Triton, which has a queue of
    its own, and else Azure's 1."""
    timeout_seconds: Annotated[float, Field(gt=0, le=LONGEST_KUBERNETES_REQUEST_SECONDS)] = 5.0
    """At most 180 on managed instances and 300 on Kubernetes."""
    max_queue_wait_ms: Annotated[int, Field(ge=1, le=300_000)] | None = None
    """How long a request waits for its turn, on Kubernetes; managed instances count it into timeout_seconds.
    Default: Azure's 500."""


class DataCollection(Declaration):
    """Payloads that are kept in the workspace's storage, for drift."""

    collections: Annotated[
        list[Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN, max_length=63)]], Field(min_length=1)
    ] = ["request", "response"]
    """request and response are what callers send and get; any other name is one that the scoring code collects by."""
    sampling_percent: Annotated[float, Field(gt=0, le=100)] = 100.0
    rolling_rate: RollingRate = "hour"
    """Each of them has a folder of its own."""
    capture_headers: list[HeaderName] = []
    """Headers of requests that are kept too. Default: none."""


class ArcExtension(Declaration):
    """Azure ML's extension of a cluster, which runs its router and its deployments there."""

    router: RouterService = "nodePort"
    """How the router is reached."""
    router_ha: bool = True
    """Three routers, which need three nodes; false: one."""
    tls_secret: Annotated[str, StringConstraints(pattern=NAME_PATTERN)] | None = None
    """Secret in the namespace azureml with cert.pem and key.pem."""
    tls_name: str | None = None
    """Name that the certificate is for."""
    insecure: bool = False
    """Plain HTTP, for a trial."""
    install_gpu_plugin: bool = False
    """Whether the extension brings NVIDIA's device plugin."""
    version: str | None = None
    """Pinned version. Default: the newest of release_train, with minor upgrades by itself."""
    release_train: Literal["stable", "preview"] = "stable"

    @model_validator(mode="after")
    def _is_reached_safely(self) -> ArcExtension:
        named = self.tls_secret is not None and self.tls_name is not None
        if self.insecure and (self.tls_secret is not None or self.tls_name is not None):
            raise ValueError("insecure is for plain HTTP, and a certificate is named too; keep one of them")
        if not self.insecure and not named:
            missing = "tls_secret" if self.tls_secret is None else "tls_name"
            raise ValueError(
                f"{missing} is missing, and the router answers over HTTPS; name the certificate's secret and host in "
                "tls_secret and tls_name, or write insecure: true for a trial"
            )
        return self


class ArcInstanceType(Declaration):
    """A size of deployments on one's own nodes."""

    cpu: Annotated[float, Field(gt=0, le=512)] = 2.0
    memory_gib: Annotated[float, Field(gt=0, le=4096)] = 8.0
    gpus: Annotated[int, Field(ge=0, le=16)] = 0
    node_selector: dict[str, str] = {}
    """Labels of the nodes. Default: any node."""


class ArcCluster(Declaration):
    """A Kubernetes cluster of one's own that Azure Arc knows, where the endpoint runs in place of Azure's machines."""

    compute: ComputeName
    """Name of the compute in the workspace."""
    cluster: ArcClusterId
    """Resource id of the connected cluster."""
    extension: ArcExtension | None = None
    """Settings of Azure ML's extension, which is installed so. Default: none is installed."""
    extension_installed: bool = False
    """Whether somebody else has installed the extension."""
    namespace: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)] = "default"
    """Namespace of the pods; it must be there."""
    instance_types: dict[Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)], ArcInstanceType] = {}
    """Sizes by name. Default: one, called defaultinstancetype by the extension, with 2 cores and 2 GiB."""

    @model_validator(mode="after")
    def _has_its_extension(self) -> ArcCluster:
        name = self.cluster.rpartition("/")[2]
        if self.extension is None and not self.extension_installed:
            raise ValueError(
                f"the Arc cluster {name!r} has no extension {EXTENSION_TYPE}, without which nothing of Azure ML runs "
                "there; declare extension: {tls_secret: <secret>, tls_name: <host>}, or extension_installed: true "
                "where it is there already"
            )
        if self.extension is not None and self.extension_installed:
            raise ValueError(
                f"the extension of the Arc cluster {name!r} is installed already, and extension has settings for "
                "another; keep one of extension and extension_installed"
            )
        return self


class AzureML(Declaration):
    """How Azure Machine Learning serves the model."""

    endpoint_name: EndpointName | None = None
    """Name of the endpoint, alone in its region: <name>.<region>.inference.ml.azure.com. Default: made of model,
    department and environment."""
    instance_type: str | None = None
    """VM size such as Standard_DS3_v2; one that managed online endpoints offer. With arc the name of one of the
    compute's instance types. Default: the cheapest that the model's resources fit on; with arc the compute's own."""
    auth_mode: AuthMode | None = None
    """What callers show: aad_token, a token of Microsoft Entra; aml_token, one of the workspace, for an hour; key,
    which never ends. Default: aad_token, and aml_token with arc, which knows no other token."""
    callers: Annotated[list[Annotated[str, StringConstraints(pattern=UUID_PATTERN)]], Field(max_length=50)] = []
    """Object ids of the applications, as service principals, that may call the endpoint with aad_token. Default: those
    that the workspace admits."""
    public_access: bool = False
    """Whether the endpoint answers from the internet; otherwise only through the workspace's private endpoint."""
    model_type: ModelType = "triton_model"
    """How the files are laid out, and so who serves them: triton_model, a repository of Triton's; mlflow_model, a
    folder of MLflow's; custom_model, whatever the image reads."""
    request: RequestSettings = RequestSettings()
    startup: Probe | None = None
    """Until it succeeds the other two wait: for a model that takes long to load. Default: they do not wait."""
    liveness: Probe = Probe()
    readiness: Probe = Probe()
    data_collection: DataCollection | None = None
    """Default: no payload is kept."""
    app_insights: bool = True
    """Whether the container's traces go to the workspace's Application Insights."""
    injected_secrets: dict[Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)], KeyVaultSecret] = {}
    """Secrets of Key Vault, by the environment variable that Azure puts each one's value into when the container starts
    (secret injection, a preview of Azure's). Not with arc."""
    egress_public_access: bool | None = None
    """Whether instances may call the internet, where the workspace has no managed network, which says it otherwise.
    Default: Azure's."""
    arc: ComputeName | None = None
    """Hybrid: name of the workspace's compute on an Arc cluster, where a Kubernetes online endpoint serves the model.
    Default: Azure's own machines."""

    @model_validator(mode="after")
    def _fits(self) -> AzureML:
        found = list(kind_problems(self))
        if found:
            raise ValueError("; and ".join(found))
        return self


def auth_mode_of(declared: AzureML) -> AuthMode:
    """The one that is declared, or the kind of endpoint's own."""
    return declared.auth_mode or ("aad_token" if declared.arc is None else "aml_token")


def vault_of(secret: KeyVaultSecret) -> str:
    """Name of the vault."""
    return secret.url.removeprefix("https://").partition(".")[0]


def kind_problems(declared: AzureML) -> list[str]:
    """What the kind of endpoint, Azure's machines or an Arc cluster, does not do; a sentence each."""
    return _managed_problems(declared) if declared.arc is None else _arc_problems(declared)


def _managed_problems(declared: AzureML) -> list[str]:
    found = [
        f"injected_secrets.{name}.vault_id is of vault {given}, and its url of {vault_of(secret)}; correct one of them"
        for name, secret in declared.injected_secrets.items()
        if secret.vault_id is not None and (given := secret.vault_id.rpartition("/")[2]).lower() != vault_of(secret)
    ]
    if declared.callers and auth_mode_of(declared) != "aad_token":
        found.append(
            f"callers are known by aad_token, and auth_mode is {declared.auth_mode}, which whoever has one may use; "
            "delete them, or write aad_token"
        )
    if declared.request.timeout_seconds > LONGEST_REQUEST_SECONDS:
        found.append(
            f"request.timeout_seconds {declared.request.timeout_seconds:g} is more than the {LONGEST_REQUEST_SECONDS} "
            "that a managed endpoint waits; lower it"
        )
    if declared.request.max_queue_wait_ms is not None:
        found.append(
            "request.max_queue_wait_ms is for arc; a managed endpoint counts the wait into request.timeout_seconds: "
            "delete it"
        )
    return found


def _arc_problems(declared: AzureML) -> list[str]:
    found = []
    if declared.callers:
        found.append("callers are known by aad_token, which an endpoint on an Arc cluster does not take; delete them")
    if declared.auth_mode == "aad_token":
        found.append(
            "auth_mode aad_token is for managed endpoints; an endpoint on an Arc cluster takes aml_token or key"
        )
    if declared.injected_secrets:
        found.append(
            "injected_secrets is for managed endpoints; delete it, and give pods of an Arc cluster the secret by the "
            "cluster's own means"
        )
    if declared.egress_public_access is not None:
        found.append(
            "egress_public_access is for managed endpoints, and what pods may call is the cluster's to say; delete it"
        )
    return found
