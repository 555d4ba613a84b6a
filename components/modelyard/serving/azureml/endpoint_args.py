"""Arguments of :class:`~modelyard.serving.azureml.endpoint.AzureMLEndpoint`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from modelyard.governance.ownership import OwnershipArgs
from modelyard.serving.workload.args import RolloutArgs, ScalingArgs, ServerResourcesArgs


class AzureMLProbeArgs(TypedDict):
    """How a container's health is asked."""

    initial_delay_seconds: NotRequired[int]
    """From the container's start to the first question. Default: 10."""
    period_seconds: NotRequired[int]
    """Seconds between questions. Default: 10."""
    timeout_seconds: NotRequired[int]
    """Seconds that an answer may take. Default: 2."""
    success_threshold: NotRequired[int]
    """Answers in a row after which it counts as well. Default: 1."""
    failure_threshold: NotRequired[int]
    """Failures in a row after which it counts as ill. Default: 30."""


class AzureMLRequestArgs(TypedDict):
    """What a deployment does with requests."""

    max_concurrent_requests: NotRequired[int]
    """In flight on one instance; what comes beyond is refused with 429. Default: 64 for Triton, which has a queue of
    its own, and else Azure's 1."""
    timeout_seconds: NotRequired[float]
    """At most 180 on managed instances and 300 on Kubernetes. Default: 5."""
    max_queue_wait_ms: NotRequired[int]
    """How long a request waits for its turn, on Kubernetes; managed instances count it into timeout_seconds.
    Default: Azure's 500."""


class AzureMLDataCollectionArgs(TypedDict):
    """Payloads that are kept in the workspace's storage, for drift."""

    collections: NotRequired[Sequence[str]]
    """request and response are what callers send and get; any other name is one that the scoring code collects by.
    Default: request and response."""
    sampling_percent: NotRequired[float]
    """Share of the payloads that is kept. Default: 100."""
    rolling_rate: NotRequired[str]
    """Each of them has a folder of its own: minute, hour, day, month or year. Default: hour."""
    capture_headers: NotRequired[Sequence[str]]
    """Headers of requests that are kept too. Default: none."""


class AzureMLRoutesArgs(TypedDict):
    """Where the container of an image of one's own answers."""

    port: NotRequired[int]
    """Port of the container. Default: 8000, Triton's for HTTP."""
    scoring_path: NotRequired[str]
    """What a request's path begins with. Default: /, so that a caller's own path reaches the server."""
    liveness_path: NotRequired[str]
    """Default: /v2/health/live."""
    readiness_path: NotRequired[str]
    """Default: /v2/health/ready."""


class KeyVaultSecretArgs(TypedDict):
    """A secret of Azure Key Vault that Azure ML puts into a variable when the container starts."""

    url: str
    """https://<vault>.vault.azure.net/secrets/<name>/<version>"""
    vault_id: NotRequired[str]
    """Resource id of the vault: then the endpoint's identity is given the right to read this secret alone. The vault
    has to use Azure's role-based access control. Default: somebody else gives it."""


class AzureMLVersionArgs(TypedDict):
    """One version of the model, which is a deployment of its own as long as it stands here."""

    version: int
    """Number of the version; its deployment is called v<number>-<VM size>."""
    model_uri: pulumi.Input[str]
    """Folder of the files, in an address that Azure ML reads: azureml://... or https://<account>.blob.core..."""
    image: NotRequired[pulumi.Input[str]]
    """Server image, by digest. Default: that of the endpoint."""
    instance_type: NotRequired[str]
    """VM size of this version alone. Default: that of the endpoint."""


class AzureMLEndpointArgs(TypedDict):
    """One model behind one online endpoint of a workspace."""

    ownership: OwnershipArgs
    """Who pays and answers for it."""
    model: str
    """Name of the model: lower-case letters, digits and hyphens, at most 40."""
    location: str
    """Azure location of the workspace, for example westeurope."""
    subscription_id: str
    """Subscription of the workspace."""
    resource_group: pulumi.Input[str]
    """Resource group of the workspace."""
    workspace: pulumi.Input[str]
    """Name of the workspace."""
    workspace_id: pulumi.Input[str]
    """Resource id of the workspace."""
    versions: Sequence[AzureMLVersionArgs]
    """Versions that are deployed; one that serves nothing stays until it is taken out here."""
    version: int
    """Version that serves."""
    rollout: NotRequired[RolloutArgs]
    """Another version beside the one that serves. Default: none."""
    image: NotRequired[pulumi.Input[str]]
    """Server image, by digest. Default: Azure's own for model_type, which custom_model has none of."""
    routes: NotRequired[AzureMLRoutesArgs]
    """Where the image's server answers. Default: Triton's."""
    env: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Environment variables of the server that are no secrets. Default: none."""
    resources: NotRequired[ServerResourcesArgs]
    """What one replica asks of its node. Default: 2 cores, 8 GiB and 1 GPU."""
    scaling: NotRequired[ScalingArgs]
    """Instances of each deployment that serves. Default: one."""
    p99_ms: NotRequired[float]
    """Objective: 99th percentile of the answer time in milliseconds; above it somebody is told. Default: none."""
    requests_per_second: NotRequired[float]
    """Objective: sustained rate; above it somebody is told. Default: none."""
    error_rate: NotRequired[float]
    """Share of the objective's rate that may fail before somebody is told. Default: 0.01."""
    alert_minutes: NotRequired[int]
    """How long something lasts before somebody is told. Default: 5."""
    action_groups: NotRequired[Sequence[pulumi.Input[str]]]
    """Resource ids of the action groups of Azure Monitor that are told. Default: nobody, the alerts only show."""
    log_analytics_id: NotRequired[pulumi.Input[str]]
    """Log Analytics workspace that gets the endpoint's logs. Default: none."""
    container_registry_id: NotRequired[pulumi.Input[str]]
    """Container registry that the identity may pull from. Default: none, the images are public."""
    storage_account_id: NotRequired[pulumi.Input[str]]
    """Storage account that holds the model's files and gets payloads; the identity may read it, and write to it where
    payloads are kept. Default: none is needed."""
    endpoint_name: NotRequired[str]
    """Name of the endpoint, alone in its region: <name>.<region>.inference.ml.azure.com. Default: made of model,
    department and environment."""
    instance_type: NotRequired[str]
    """VM size such as Standard_DS3_v2; one that managed online endpoints offer. With arc the name of one of the
    compute's instance types. Default: the cheapest that the model's resources fit on; with arc the compute's own."""
    auth_mode: NotRequired[str]
    """What callers show: aad_token, a token of Microsoft Entra; aml_token, one of the workspace, for an hour; key,
    which never ends. Default: aad_token, and aml_token with arc, which knows no other token."""
    entra_only: NotRequired[bool]
    """Whether the organization admits nothing but tokens of Microsoft Entra. Default: false."""
    callers: NotRequired[Sequence[str]]
    """Object ids of the applications, as service principals, that may call the endpoint with aad_token. Default: those
    that the workspace admits."""
    public_access: NotRequired[bool]
    """Whether the endpoint answers from the internet; otherwise only through the workspace's private endpoint.
    Default: false."""
    model_type: NotRequired[str]
    """How the files are laid out, and so who serves them: triton_model, a repository of Triton's; mlflow_model, a
    folder of MLflow's; custom_model, whatever the image reads. Default: triton_model."""
    request: NotRequired[AzureMLRequestArgs]
    """What a deployment does with requests. Default: each for at most 5 seconds."""
    startup: NotRequired[AzureMLProbeArgs]
    """Until it succeeds the other two wait: for a model that takes long to load. Default: they do not wait."""
    liveness: NotRequired[AzureMLProbeArgs]
    """Whether the container is to be started again. Default: every 10 seconds."""
    readiness: NotRequired[AzureMLProbeArgs]
    """Whether it gets requests. Default: every 10 seconds."""
    data_collection: NotRequired[AzureMLDataCollectionArgs]
    """Default: no payload is kept."""
    app_insights: NotRequired[bool]
    """Whether the container's traces go to the workspace's Application Insights. Default: true."""
    injected_secrets: NotRequired[Mapping[str, KeyVaultSecretArgs]]
    """Secrets of Key Vault, by the environment variable that Azure puts each one's value into when the container starts
    (secret injection, a preview of Azure's). Not with arc. Default: none."""
    egress_public_access: NotRequired[bool]
    """Whether instances may call the internet, where the workspace has no managed network, which says it otherwise.
    Default: Azure's."""
    computes: NotRequired[Mapping[str, Sequence[str]]]
    """Names of the workspace's Arc computes, with those of their instance types, where they are known: arc is one of
    them. Default: whatever arc names is taken to be there."""
    arc: NotRequired[str]
    """Hybrid: name of the workspace's compute on an Arc cluster, where a Kubernetes online endpoint serves the model.
    Default: Azure's own machines."""
