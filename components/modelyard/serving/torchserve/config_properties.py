"""``config.properties``: everything that TorchServe is told, in one file ("Advanced configuration" of TorchServe 0.12).

The format is Java's (``java.util.Properties``): one line a property, a backslash escapes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .archived_version import ArchivedVersion, default_first

ENVELOPE = "kservev2"
"""Name of TorchServe's envelope for the Open Inference Protocol."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the server listens and reads. The defaults of a pod; a test on one machine has ports of its own."""

    model_store: str
    http_port: int = 8080
    management_port: int = 8081
    metrics_port: int = 8082
    grpc_port: int = 7070
    grpc_management_port: int = 7071
    ready_port: int = 8083
    bind: str = "0.0.0.0"
    """Address of inference and metrics. Management listens on loopback whatever this is."""
    metrics_file: str | None = None


def config_properties(
    model: str,
    versions: Sequence[ArchivedVersion],
    *,
    default: int,
    open_inference: bool,
    places: Places,
    given: Mapping[str, str],
) -> str:
    """The file's text.

    Args:
        model: its name, which is that of every archive.
        versions: what is loaded, at least one.
        default: the version that calls without a version get.
        open_inference: whether bodies follow the Open Inference Protocol rather than the handler's own form.
        places: where the server listens and reads.
        given: the user's properties.
    """
    ordered = default_first(versions, default)
    settings = {model: {each.model_version: each.settings(default=each.version == default) for each in ordered}}
    properties = {
        "inference_address": f"http://{places.bind}:{places.http_port}",
        "management_address": f"http://127.0.0.1:{places.management_port}",
        "metrics_address": f"http://{places.bind}:{places.metrics_port}",
        "grpc_inference_address": places.bind,
        "grpc_inference_port": str(places.grpc_port),
        "grpc_management_address": "127.0.0.1",
        "grpc_management_port": str(places.grpc_management_port),
        "enable_envvars_config": "false",
        "enable_model_api": "false",
        "enable_metrics_api": "true",
        "disable_token_authorization": "true",
        "install_py_dep_per_model": "false",
        "allowed_urls": f"file://{places.model_store}/.*",
        "metrics_mode": "prometheus",
        "model_store": places.model_store,
        "workflow_store": places.model_store,
        # No space after the comma: TorchServe would look for a file whose name begins with it.
        "load_models": ",".join(each.archive for each in ordered),
        "models": json.dumps(settings, separators=(",", ":")),
    }
    if places.metrics_file is not None:
        properties["metrics_config"] = places.metrics_file
    if open_inference:
        properties |= {"service_envelope": ENVELOPE, "ts_open_inference_protocol": "true"}
    return "".join(f"{key}={_escaped(value)}\n" for key, value in {**given, **properties}.items())


def _escaped(value: str) -> str:
    text = value.replace("\\", "\\\\")
    text = "".join(each if " " <= each <= "~" else _unicode(each) for each in text)
    return f"\\{text}" if text.startswith(" ") else text


def _unicode(character: str) -> str:
    """UTF-16 units: the file is read as Latin-1."""
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
