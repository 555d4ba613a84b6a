"""TensorFlow Serving's container: its arguments, files, ports, health and the paths that callers may ask.

Follows "TensorFlow Serving Configuration" and "RESTful API" of its documentation, and its sources where these are
silent (``main.cc``, ``server.cc``, ``http_rest_api_util.cc`` and ``server_core.cc`` of tensorflow/serving).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..workload.server import GRPC, REPOSITORY, SETTINGS, Health, PathMatch, Port, Route, Server
from .batching import batching_config
from .model_server_config import model_server_config
from .protobuf import new, text
from .server_options import NO_OPTIONS, ServerOptions

REST_PORT = 8501
GRPC_PORT = 8500
METRICS_PATH = "/monitoring/prometheus/metrics"
USER = 1000
"""Any but root: the image creates no user, and its server may be run by all and writes nothing."""

VERBS = ("predict", "classify", "regress")
_METHODS = ("Predict", "Classify", "Regress", "MultiInference")
_PREDICTION = "/tensorflow.serving.PredictionService"
_MODEL = "/tensorflow.serving.ModelService"


def server(
    model: str,
    *,
    image: Any,
    version: int,
    versions: Sequence[int],
    options: ServerOptions = NO_OPTIONS,
    request_timeout_seconds: int = 60,
) -> Server:
    """TensorFlow Serving with one model.

    The entrypoint of the image is passed over: it is a shell that names a model of its own.

    There is one port for REST and for metrics, since the server has no other; the gateway's routes leave the metrics
    out. Its gRPC port also takes ``HandleReloadConfigRequest``, which makes the server load any folder: no route leads
    there.

    The server listens when the highest version is loaded. It loads the versions one after another, the highest first,
    and each tried once. A version's status answers 200 whatever the state is that it tells; its metadata does so only
    when the version can be asked. So the pod is ready when the metadata of the lowest version, the last one, is there.

    Args:
        model: as callers name it.
        image: of the server; may be a Pulumi output.
        version: the one that REST requests without a version or label get. The server itself would give them the
            highest.
        versions: those that are served.
        options: everything else.
        request_timeout_seconds: after which a REST request ends.
    """
    return Server(
        runtime="tensorflow-serving",
        image=image,
        ports=(
            Port("http", REST_PORT, "gateway and prometheus", "http"),
            Port("grpc", GRPC_PORT, "gateway", GRPC),
        ),
        routes=tuple(_routes(model, version, versions, tuple(sorted(options.labels)))),
        ready=Health(f"/v1/models/{model}/versions/{min(versions)}/metadata", REST_PORT),
        user=USER,
        command=("tensorflow_model_server",),
        args=tuple(arguments(options, request_timeout_seconds=request_timeout_seconds)),
        settings=settings(model, versions, options),
        metrics_path=METRICS_PATH,
    )


def settings(
    model: str, versions: Sequence[int], options: ServerOptions = NO_OPTIONS, *, repository: str = REPOSITORY
) -> dict[str, str]:
    """The configuration files by name."""
    files = {
        "models.config": model_server_config(
            model, versions, policy=options.version_policy, labels=options.labels, repository=repository
        ),
        "monitoring.config": monitoring_config(),
    }
    if options.batching is not None:
        files["batching.config"] = batching_config(options.batching)
    return files


def monitoring_config(path: str = METRICS_PATH) -> str:
    """``monitoring.config``: metrics for Prometheus at this path of the REST port."""
    message = new("MonitoringConfig")
    message.prometheus_config.enable = True
    message.prometheus_config.path = path
    return text(message)


def arguments(
    options: ServerOptions = NO_OPTIONS, *, request_timeout_seconds: int = 60, folder: str = SETTINGS
) -> list[str]:
    """The command line: versions are looked for once and tried once, and nothing changes after.

    With its defaults the server would look for new folders every second, try a broken version for five minutes before
    it says so, and let anybody who reaches its gRPC port profile it.

    Labels are given to versions that are not loaded yet, which a server that starts with labels has to be allowed.
    """
    given = [
        f"--port={GRPC_PORT}",
        f"--rest_api_port={REST_PORT}",
        f"--rest_api_timeout_in_ms={request_timeout_seconds * 1000}",
        f"--model_config_file={folder}/models.config",
        "--model_config_file_poll_wait_seconds=0",
        "--file_system_poll_wait_seconds=0",
        "--max_num_load_retries=0",
        f"--monitoring_config_file={folder}/monitoring.config",
        "--enable_profiler=false",
    ]
    if options.labels:
        given.append("--allow_version_labels_for_unavailable_models=true")
    if options.batching is not None:
        given += ["--enable_batching=true", f"--batching_parameters_file={folder}/batching.config"]
    return [*given, *options.arguments()]


def _routes(model: str, version: int, versions: Sequence[int], labels: Sequence[str]) -> list[Route]:
    """Inference over REST and gRPC, then status and metadata. Each path is spelt out, so that what is not counted as
    inference is none."""
    below = f"/v1/models/{model}"
    asked = [below] if version == max(versions) else []
    named = [
        *(f"{below}/versions/{each}" for each in versions),
        *(f"{below}/labels/{label}" for label in labels),
    ]
    about = [path + end for path in (below, *named) for end in ("", "/metadata")]
    routes = [
        Route(REST_PORT, _exact(f"{path}:{verb}" for path in (*asked, *named) for verb in VERBS), inference=True),
        Route(GRPC_PORT, _exact(f"{_PREDICTION}/{method}" for method in _METHODS), inference=True),
    ]
    if not asked:
        routes += [
            Route(
                REST_PORT,
                (PathMatch("PathPrefix", f"{below}:{verb}"),),
                inference=True,
                rewrite=f"{below}/versions/{version}:{verb}",
            )
            for verb in VERBS
        ]
    return [
        *routes,
        Route(REST_PORT, _exact(about)),
        Route(GRPC_PORT, _exact([f"{_PREDICTION}/GetModelMetadata", f"{_MODEL}/GetModelStatus"])),
    ]


def _exact(paths: Any) -> tuple[PathMatch, ...]:
    return tuple(PathMatch("Exact", path) for path in paths)
