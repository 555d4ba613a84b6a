"""A container image for serving or training, built where the program runs."""

from typing import Any

import pulumi

from ..capacity.software.secret_value import secret_value
from ..environment import image_build as declaration
from ..governance.arguments import read_arguments
from ..governance.google_sdk import google
from ..governance.ownership import Ownership
from .image_build_args import ImageBuildArgs

_USERS = {"aws": "AWS", "gcp": "oauth2accesstoken"}
"""Whose password is a token ("Private registry authentication in Amazon ECR", "Configure authentication to Artifact
Registry for Docker")."""
_SHORT = {"linux/amd64": "amd64", "linux/arm64": "arm64"}


class NoDockerBuildSdk(ModuleNotFoundError):
    """The package pulumi-docker-build is not installed."""

    def __init__(self) -> None:
        super().__init__("ImageBuild needs the package pulumi-docker-build; pip install modelyard[images]")


class ImageBuild(pulumi.ComponentResource):
    """An image of BuildKit, pushed; what serves or trains with it names it by its digest (``image``), so that another
    build is another image to whoever runs it.

    Two platforms are two builds under tags of their own and an index under the tag that was asked for: their layers
    are cached apart, which one build of two platforms does not do reliably. The image is not built in a preview.
    Provenance and an SBOM are not attached: pulumi-docker-build turns attestations off; sign and attest the digest
    after the push (``cosign sign``, ``cosign attest``), which :class:`ImageVerification` then asks for.

    With ``login`` the provider of that cloud comes from ``opts`` and gives a token at each run. It lies encrypted in
    the state, has expired when somebody reads it, and another one is no change.

    Raises:
        InvalidEnvironment: an argument is wrong.
        NoDockerBuildSdk: pulumi-docker-build is not installed.
    """

    image: pulumi.Output[str]
    """``<repository>@sha256:...``"""
    digest: pulumi.Output[str]
    """``sha256:...``"""

    def __init__(self, name: str, args: ImageBuildArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(declaration.ImageBuild, args, ImageBuildArgs, f"ImageBuild {name}")
        ownership = Ownership.of(args["ownership"])
        sdk = _sdk()
        super().__init__("modelyard:index:ImageBuild", name, {}, opts)
        self._name, self._declared, self._args = name, declared, args
        child = pulumi.ResourceOptions(parent=self)
        self._logins = [] if declared.login is None else [_login(declared.login, args["repository_url"], self)]
        repository = args["repository_url"]
        if len(declared.platforms) == 1:
            made = self._build(sdk, name, declared.platforms[0], declared.tag, ownership, child)
            reference = made.ref
        else:
            builds = [
                self._build(sdk, f"{name}-{_SHORT[each]}", each, f"{declared.tag}-{_SHORT[each]}", ownership, child)
                for each in declared.platforms
            ]
            reference = sdk.Index(
                name,
                sources=[each.ref for each in builds],
                tag=pulumi.Output.concat(repository, ":", declared.tag),
                push=True,
                registry=self._logins[0] if self._logins else None,
                opts=child,
            ).ref
        self.digest = reference.apply(lambda made: made.rpartition("@")[2])
        self.image = pulumi.Output.concat(repository, "@", self.digest)
        self.register_outputs({"image": self.image, "digest": self.digest})

    def _build(
        self, sdk: Any, name: str, platform: str, tag: str, ownership: Ownership, child: pulumi.ResourceOptions
    ) -> Any:
        declared, repository = self._declared, self._args["repository_url"]
        optional: dict[str, Any] = {
            "target": declared.target,
            "build_args": declared.build_args or None,
            "secrets": {each: secret_value(where, self) for each, where in declared.secrets.items()} or None,
            "exec_": declared.exec_mode or None,
            "registries": self._logins or None,
            "builder": None if declared.builder is None else {"name": declared.builder},
        }
        if declared.cache_tag is not None:
            ref = pulumi.Output.concat(repository, ":", declared.cache_tag, "-", _SHORT[platform])
            optional["cache_from"] = [{"registry": {"ref": ref}}]
            # As an image with a manifest of its own, which Amazon ECR takes.
            kept = {"ref": ref, "mode": "max", "image_manifest": True, "oci_media_types": True}
            optional["cache_to"] = [{"registry": kept}]
        return sdk.Image(
            name,
            push=True,
            build_on_preview=False,
            context={
                "location": declared.context,
                "named": {each: {"location": where} for each, where in declared.named_contexts.items()},
            },
            dockerfile={"location": declared.dockerfile_path},
            platforms=[platform],
            tags=[pulumi.Output.concat(repository, ":", tag)],
            labels={**ownership.aws_tags(), **declared.labels},
            pull=declared.pull,
            **{key: value for key, value in optional.items() if value is not None},
            opts=child,
        )


def _login(cloud: str, repository: pulumi.Input[str], parent: pulumi.Resource) -> dict[str, Any]:
    """A registry of BuildKit: its host, and a user whose password is a token."""
    host = pulumi.Output.from_input(repository).apply(lambda known: known.partition("/")[0])
    opts = pulumi.InvokeOptions(parent=parent)
    if cloud == "gcp":
        token = google("ImageBuild", "organizations").get_client_config_output(opts=opts).access_token
    else:
        import pulumi_aws as aws

        token = aws.ecr.get_authorization_token_output(opts=opts).password
    return {"address": host, "username": _USERS[cloud], "password": pulumi.Output.secret(token)}


def _sdk() -> Any:
    try:
        import pulumi_docker_build
    except ImportError:
        raise NoDockerBuildSdk() from None
    return pulumi_docker_build
