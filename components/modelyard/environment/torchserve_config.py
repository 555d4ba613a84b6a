"""TorchServe's properties that a user may set, checked, with TorchServe's own names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from .declaration import Declaration

OWNED = {
    "inference_address": "the Service and the probes reach it",
    "management_address": "it stays on the pod's loopback, since it loads code",
    "metrics_address": "Prometheus scrapes it",
    "grpc_inference_address": "the Service reaches it",
    "grpc_inference_port": "the Service reaches it",
    "grpc_management_address": "it stays on the pod's loopback, since it loads code",
    "grpc_management_port": "it stays on the pod's loopback, since it loads code",
    "model_store": "the model's volume is mounted there",
    "workflow_store": "the model's volume is mounted there",
    "load_models": "archives names them",
    "models": "archives says it",
    "model_snapshot": "archives says what is loaded",
    "enable_envvars_config": "variables of the pod would overrule this file",
    "enable_model_api": "a pod serves what it was started with",
    "enable_metrics_api": "Prometheus scrapes it",
    "metrics_mode": "Prometheus scrapes it",
    "disable_token_authorization": "the gateway asks who calls",
    "token_expiration_min": "the gateway asks who calls",
    "install_py_dep_per_model": "a pod installs nothing when it starts; build packages into the image",
    "allowed_urls": "archives come from the model store alone",
    "use_env_allowed_urls": "archives come from the model store alone",
    "service_envelope": "protocol says it",
    "ts_open_inference_protocol": "protocol says it",
    "model_server_home": "it is the image's",
    "python": "it is the image's",
    **dict.fromkeys(
        ("keystore", "keystore_pass", "keystore_type", "private_key_file", "certificate_file", "enable_grpc_ssl"),
        "TLS ends at the gateway",
    ),
}
"""Properties that the component writes itself, and why."""

MISTAKEN = {
    "disable_token_auth": "is ignored by TorchServe, and every call is refused with 400; the property is "
    "disable_token_authorization, and the component writes it",
}
"""Names that are met in the wild and mean nothing to TorchServe."""

NEEDED_METRICS = ("ts_inference_requests_total", "ts_inference_latency_microseconds", "ts_queue_latency_microseconds")
"""Counters of every inference: with a metrics file that lacks one, TorchServe does not count it."""


def _one_line(text: str) -> str:
    if re.search(r"[\r\n]", text):
        raise ValueError("is one line of config.properties; take out its line breaks")
    if re.search(r"\$\$[^$]+\$\$", text):
        raise ValueError("holds $$...$$, which TorchServe replaces by a variable of the pod; write the value itself")
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return text


Line = Annotated[str, StringConstraints(min_length=1), AfterValidator(_one_line)]
Count = Annotated[int, Field(ge=1)]
Milliseconds = Annotated[int, Field(ge=1)]
Seconds = Annotated[int, Field(ge=1)]
PortNumber = Annotated[int, Field(ge=1024, le=65535)]


class ConfigDeclaration(Declaration):
    """Follows "Advanced configuration" of TorchServe 0.12; what is left out keeps TorchServe's default."""

    number_of_netty_threads: Count | None = None
    netty_client_threads: Count | None = None
    job_queue_size: Count | None = None
    max_request_size: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    max_response_size: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    default_workers_per_model: Count | None = None
    default_response_timeout: Seconds | None = None
    default_startup_timeout: Seconds | None = None
    unregister_model_timeout: Seconds | None = None
    prefer_direct_buffer: bool | None = None
    decode_input_request: bool | None = None
    limit_max_image_pixels: bool | None = None
    async_logging: bool | None = None
    number_of_gpu: Annotated[int, Field(ge=0)] | None = None
    initial_worker_port: PortNumber | None = None
    initial_distribution_port: PortNumber | None = None
    blacklist_env_vars: Annotated[Line, AfterValidator(_pattern)] | None = None
    default_service_handler: Line | None = None
    grpc_inference_max_connection_age_ms: Milliseconds | None = None
    grpc_inference_max_connection_age_grace_ms: Milliseconds | None = None
    grpc_management_max_connection_age_ms: Milliseconds | None = None
    grpc_management_max_connection_age_grace_ms: Milliseconds | None = None
    cors_allowed_origin: Line | None = None
    cors_allowed_methods: Line | None = None
    cors_allowed_headers: Line | None = None
    metrics_config: str | None = None
    model_metrics_auto_detect: bool | None = None
    disable_system_metrics: bool | None = None
    system_metrics_cmd: Line | None = None
    metric_time_interval: Seconds | None = None
    cpu_launcher_enable: bool | None = None
    cpu_launcher_args: Line | None = None
    ipex_enable: bool | None = None
    ipex_gpu_enable: bool | None = None
    ts_header_key_sequence_id: Line | None = None
    ts_header_key_sequence_start: Line | None = None
    ts_header_key_sequence_end: Line | None = None
    use_native_io: bool | None = None
    io_ratio: Annotated[int, Field(ge=1, le=100)] | None = None
    vmargs: Line | None = None
    debug: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _free(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            said = [f"{key} {MISTAKEN[key]}" for key in given if key in MISTAKEN]
            said += [f"{key} is the component's own: {OWNED[key]}; leave it out" for key in given if key in OWNED]
            if said:
                raise ValueError("; ".join(said))
        return given

    @field_validator("metrics_config")
    @classmethod
    def _counts(cls, text: str | None) -> str | None:
        if text is None:
            return None
        import yaml

        try:
            read = yaml.safe_load(text)
            counters = {each["name"] for each in read["ts_metrics"]["counter"]}
        except (yaml.YAMLError, TypeError, KeyError):
            raise ValueError(
                "is no metrics file of TorchServe; write YAML with ts_metrics, counter and a name for each"
            ) from None
        missing = [name for name in NEEDED_METRICS if name not in counters]
        if missing:
            raise ValueError(
                f"lacks the counter {missing[0]}, without which requests, latency and queue are not measured; add it "
                "to ts_metrics"
            )
        return text

    def properties(self) -> dict[str, str]:
        """Those that were given, as TorchServe writes them; ``metrics_config`` is a file of its own."""
        given = {name: value for name, value in self if value is not None and name != "metrics_config"}
        return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}
