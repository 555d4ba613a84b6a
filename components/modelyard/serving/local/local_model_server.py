"""A model served on this machine by Docker, as a Pulumi component."""

from pathlib import Path

import pulumi

from modelyard.environment.problem import InvalidEnvironment, Problem
from modelyard.serving.local.args import LocalModelServerArgs
from modelyard.serving.local.container import LOOPBACK, container
from modelyard.serving.local.declaration import declaration
from modelyard.serving.local.model_folder import problem


class NoDockerSdk(ModuleNotFoundError):
    """The package pulumi-docker is not installed."""

    def __init__(self) -> None:
        super().__init__("LocalModelServer needs the package pulumi-docker; install modelyard[local]")


class LocalModelServer(pulumi.ComponentResource):
    """One model in one container: TensorFlow Serving or Triton, on 127.0.0.1 alone, for a demo.

    Takes the Docker provider from ``opts``; by default it is the daemon that the environment variable DOCKER_HOST
    names, or this machine's. ``pulumi up`` ends when the server is ready. A model that is not there yet is a warning
    in a preview and an error in an update.

    Raises:
        InvalidEnvironment: arguments do not fit, or the model cannot be served; before any resource is registered.
        NoDockerSdk: pulumi-docker is not installed.
    """

    url: pulumi.Output[str]
    """``http://127.0.0.1:<http_port>``."""
    predict_url: pulumi.Output[str]
    """Where a request is sent to."""
    metrics_url: pulumi.Output[str]
    """What Prometheus asks."""
    grpc_address: pulumi.Output[str]
    """``127.0.0.1:<grpc_port>``."""
    container_name: pulumi.Output[str]
    """Name of the container."""

    def __init__(self, name: str, args: LocalModelServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = declaration(name, args)
        repository = Path(declared.repository).absolute()
        given = container(declared, repository)
        missing = problem(repository, declared.model, declared.runtime, declared.served_versions)
        if missing and not pulumi.runtime.is_dry_run():
            raise InvalidEnvironment([Problem(f"LocalModelServer {name}", "repository", missing)])
        try:
            import pulumi_docker as docker
        except ImportError:
            raise NoDockerSdk() from None
        super().__init__("modelyard:index:LocalModelServer", name, {}, opts)
        if missing:
            pulumi.log.warn(missing, self)
        here = pulumi.ResourceOptions(parent=self)
        runtime, ports = declared.local_runtime(), declared.ports
        image = docker.RemoteImage(name, name=declared.image or runtime.image, keep_locally=True, opts=here)
        # Two containers of one name, or on one port, cannot be.
        replaced = pulumi.ResourceOptions.merge(here, pulumi.ResourceOptions(delete_before_replace=True))
        made = docker.Container(name, image=image.image_id, **given, opts=replaced)
        url = f"http://{LOOPBACK}:{ports['http_port']}"
        metrics_port = ports.get("metrics_port", ports["http_port"])
        self.url = pulumi.Output.from_input(url)
        self.predict_url = pulumi.Output.from_input(f"{url}{runtime.predict_path}")
        self.metrics_url = pulumi.Output.from_input(f"http://{LOOPBACK}:{metrics_port}{runtime.metrics_path}")
        self.grpc_address = pulumi.Output.from_input(f"{LOOPBACK}:{ports['grpc_port']}")
        self.container_name = made.name
        self.register_outputs(
            {
                "url": self.url,
                "predictUrl": self.predict_url,
                "metricsUrl": self.metrics_url,
                "grpcAddress": self.grpc_address,
                "containerName": self.container_name,
            }
        )
