"""Docker repositories of Google's Artifact Registry: one standard repository for an environment's own images, a remote
one for each upstream, and a virtual one before them where it is asked for.

Follows the documentation of Artifact Registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from ..catalog.registry_upstreams import upstreams
from ..environment.image_registry import ImageRegistry
from ..environment.image_upstream import ImageUpstream
from ..governance.google_sdk import google
from ..governance.ownership import Ownership
from ..resolve.names import google_repository
from .container_registry_args import ContainerRegistryArgs
from .made_registry import MadeRegistry
from .puller import pullers

_COMPONENT = "ContainerRegistry"
_DAY_SECONDS = 86400
_READER = "roles/artifactregistry.reader"
_OWN_PRIORITY, _UPSTREAM_PRIORITY = 100, 10
"""Higher comes first: nobody outside can slip in an image that has the name of an own one."""


def artifact_registry(
    name: str, declared: ImageRegistry, args: ContainerRegistryArgs, ownership: Ownership, parent: pulumi.Resource
) -> MadeRegistry:
    """Its repositories hold many images each, so the declared repositories are images of one."""
    made = _Repositories(name, declared, args, ownership, parent)
    own = made.own() if declared.repositories else None
    remotes = {upstream.name: made.remote(upstream) for upstream in declared.pull_through}
    front = made.virtual(own, remotes) if declared.artifact_registry.virtual else None
    for key, repository in (("own", own), *remotes.items(), ("virtual", front)):
        if repository is not None:
            made.readers(key, repository)
    pushed = None if own is None else own.registry_uri
    return MadeRegistry(
        {each: pulumi.Output.concat(pushed, "/", each) for each in declared.repositories} if pushed is not None else {},
        {each: (front or remote).registry_uri for each, remote in remotes.items()},
        None if own is None else own.id,
    )


class _Repositories:
    """Each kind of repository, as it is written down."""

    def __init__(
        self,
        name: str,
        declared: ImageRegistry,
        args: ContainerRegistryArgs,
        ownership: Ownership,
        parent: pulumi.Resource,
    ) -> None:
        self._name, self._declared, self._args, self._ownership = name, declared, args, ownership
        self._parent = parent
        self._sdk: Any = google(_COMPONENT, "artifactregistry")
        self._agent = (
            f"serviceAccount:service-{args['project_number']}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
            if "project_number" in args
            else None
        )
        self._granted = self._key_grant()

    def own(self) -> Any:
        """Where departments push."""
        return self._repository(
            "images",
            mode="STANDARD_REPOSITORY",
            description=f"Images of {self._ownership.environment}",
            docker_config={"immutable_tags": self._declared.immutable_tags},
            vulnerability_scanning_config=self._scanning(),
            cleanup_policies=cleanup_policies(self._declared),
            cleanup_policy_dry_run=self._declared.artifact_registry.cleanup_dry_run,
        )

    def remote(self, upstream: ImageUpstream) -> Any:
        """What is fetched of one upstream; what nobody has pulled for a while goes."""
        known = upstreams("gcp").get(upstream.upstream)
        config: dict[str, Any] = {
            "description": f"Images of {upstream.upstream}",
            "docker_repository": {
                "custom_repository": {"uri": known.url if known is not None else f"https://{upstream.upstream}"}
            },
        }
        given, after = upstream.credentials, []
        if given is not None and given.google_secret_version is not None:
            config["upstream_credentials"] = {
                "username_password_credentials": {
                    "username": given.google_user,
                    "password_secret_version": given.google_secret_version,
                }
            }
            after = self._secret_grant(upstream.name, given.google_secret_version)
        return self._repository(
            upstream.name,
            after,
            mode="REMOTE_REPOSITORY",
            description=f"Images fetched from {upstream.upstream}",
            remote_repository_config=config,
            vulnerability_scanning_config=self._scanning(),
            cleanup_policies=cleanup_policies(self._declared)[:1],
            cleanup_policy_dry_run=self._declared.artifact_registry.cleanup_dry_run,
        )

    def virtual(self, own: Any, remotes: dict[str, Any]) -> Any:
        """One address before all of them, the own repository first."""
        behind = ([("own", own, _OWN_PRIORITY)] if own is not None else []) + [
            (each, remote, _UPSTREAM_PRIORITY) for each, remote in remotes.items()
        ]
        return self._repository(
            "all",
            mode="VIRTUAL_REPOSITORY",
            description=f"Own images of {self._ownership.environment} first, then those of upstreams",
            virtual_repository_config={
                "upstream_policies": [
                    {"id": each, "repository": repository.id, "priority": priority}
                    for each, repository, priority in behind
                ]
            },
        )

    def readers(self, key: str, repository: Any) -> None:
        """Who pulls may read this repository and no other."""
        base = f"{self._name}-{key}"
        for puller in pullers(self._args.get("pull_service_accounts", []), self._args.get("puller_names")):
            self._sdk.RepositoryIamMember(
                f"{base}-{puller.name}",
                project=repository.project,
                location=repository.location,
                repository=repository.repository_id,
                role=_READER,
                member=pulumi.Output.concat("serviceAccount:", puller.identity),
                opts=pulumi.ResourceOptions(parent=self._parent, aliases=[pulumi.Alias(name=f"{base}-{puller.place}")]),
            )

    def _repository(self, key: str, after: Sequence[pulumi.Resource] = (), **settings: Any) -> Any:
        return self._sdk.Repository(
            f"{self._name}-{key}",
            repository_id=google_repository(self._ownership.environment, key),
            location=self._args["region"],
            project=self._args.get("project"),
            format="DOCKER",
            kms_key_name=self._args.get("kms_key"),
            labels=self._ownership.gcp_labels(),
            **settings,
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=[*self._granted, *after]),
        )

    def _scanning(self) -> dict[str, str]:
        return {"enablement_config": "DISABLED" if self._declared.scanning == "none" else "INHERITED"}

    def _key_grant(self) -> list[pulumi.Resource]:
        key = self._args.get("kms_key")
        if key is None or self._agent is None:
            return []
        grant = google(_COMPONENT, "kms").CryptoKeyIAMMember(
            f"{self._name}-key",
            crypto_key_id=key,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=self._agent,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        return [grant]

    def _secret_grant(self, upstream: str, version: str) -> list[pulumi.Resource]:
        if self._agent is None:
            return []
        _, project, _, secret, *_ = version.split("/")
        grant = google(_COMPONENT, "secretmanager").SecretIamMember(
            f"{self._name}-{upstream}",
            project=project,
            secret_id=secret,
            role="roles/secretmanager.secretAccessor",
            member=self._agent,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        return [grant]


def cleanup_policies(declared: ImageRegistry) -> list[dict[str, Any]]:
    """Untagged images by age, tagged ones by count. Keeping wins over deleting ("Configure cleanup policies")."""
    return [
        {
            "id": "untagged",
            "action": "DELETE",
            "condition": {"tag_state": "UNTAGGED", "older_than": f"{declared.expire_untagged_days * _DAY_SECONDS}s"},
        },
        {"id": "tagged", "action": "DELETE", "condition": {"tag_state": "TAGGED"}},
        {"id": "newest", "action": "KEEP", "most_recent_versions": {"keep_count": declared.keep_tagged_images}},
    ]
