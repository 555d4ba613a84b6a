"""Arguments of image verification, as other Pulumi languages see them."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs


class SigningKeyArgs(TypedDict):
    """A key that signs images by cosign; exactly one of the two."""

    name: str
    """Short name, for example release."""
    kms: NotRequired[str]
    """The key in a cloud's key management, as cosign writes it: awskms://..., gcpkms://..., azurekms://..."""
    public_key: NotRequired[str]
    """The public key, as PEM text."""


class KeylessIdentityArgs(TypedDict):
    """Who signs without a key of his own, by a certificate of Sigstore's for some minutes."""

    issuer: str
    """Who says who he is, for example https://token.actions.githubusercontent.com."""
    subject: NotRequired[str]
    """Exactly who, for example the address of a workflow; this or subject_regexp."""
    subject_regexp: NotRequired[str]
    """Regular expression of who."""


class NotationCertificateArgs(TypedDict):
    """Who signs by Notation, for example with AWS Signer or a certificate in Key Vault."""

    name: str
    """Short name."""
    certificate: str
    """The certificate that signatures lead back to, as PEM text."""


class ImageVerificationArgs(TypedDict):
    """Which images need a signature on one cluster, and whose."""

    images: Sequence[str]
    """Images by their address, with * for any text, for example 123456789012.dkr.ecr.us-east-1.amazonaws.com/prod/*."""
    keys: NotRequired[Sequence[SigningKeyArgs]]
    """Keys of cosign; a signature by any one signer is enough. Default: none."""
    identities: NotRequired[Sequence[KeylessIdentityArgs]]
    """Signers without keys. Default: none."""
    certificates: NotRequired[Sequence[NotationCertificateArgs]]
    """Signers by Notation. Default: none."""
    enforcement: NotRequired[str]
    """enforce: a pod without a signature is refused. audit: it runs, and a report says so. Default: enforce."""
    require_digest: NotRequired[bool]
    """Whether pods have to name images by digest. Default: true."""
    write_digests: NotRequired[bool]
    """Whether Kyverno writes the digest of a tag into pods as they come, so that a tag that moves later changes
    nothing; not into the templates of Deployments and the like, which are judged pod by pod then. Default: false."""
    transparency_log: NotRequired[bool]
    """Whether signatures have to be in Sigstore's public log; false where the cluster does not reach it. Default:
    true."""
    excluded_namespaces: NotRequired[Sequence[str]]
    """Namespaces whose pods nobody judges. Default: kube-system and kyverno."""
    registry_credentials: NotRequired[Sequence[str]]
    """Whose credentials Kyverno reads signatures in private registries with; its pods need an identity that may
    pull. amazon, azure, google, github or default. Default: default."""
    install: NotRequired[bool]
    """Whether Kyverno is installed; false where the cluster has it. Default: true."""
    replicas: NotRequired[int]
    """Pods of Kyverno that judge; with one, no pod starts while it restarts. Default: 3."""
    gcp_service_account: NotRequired[pulumi.Input[str]]
    """GKE: e-mail address of the service account that Kyverno reads signatures as; it trusts the service account
    kyverno-admission-controller in the namespace kyverno. Default: the nodes'."""
    azure_client_id: NotRequired[pulumi.Input[str]]
    """AKS: client id of the managed identity that Kyverno reads signatures as; it trusts the same. Default: the
    nodes'."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""


class AttestorKeyArgs(TypedDict):
    """A key in Cloud KMS that signs attestations."""

    key_version: str
    """projects/<project>/locations/<place>/keyRings/<ring>/cryptoKeys/<key>/cryptoKeyVersions/<number>"""
    public_key: str
    """Its public key, as PEM text."""
    algorithm: NotRequired[str]
    """How it signs. Default: ECDSA_P256_SHA256."""


class BinaryAuthorizationArgs(TypedDict):
    """Which attestations images need on the clusters of a project of Google Cloud."""

    project: NotRequired[str]
    """Id of the project. Default: the provider's."""
    owns_project_policy: NotRequired[bool]
    """Whether this environment writes the project's policy of Binary Authorization, which exists once in a project and
    holds for all of its clusters. At most one environment of a project may. Default: false, which is refused."""
    attestor: str
    """Name of the attestor."""
    keys: Sequence[AttestorKeyArgs]
    """Keys that sign attestations; one is enough."""
    exempt_images: NotRequired[Sequence[str]]
    """Images that need none, by their address, with * for any text but slashes and ** for any. Default: none but
    Google's own system images."""
    enforcement: NotRequired[str]
    """enforce: a pod without an attestation is refused. audit: it runs, and the audit log says so. Default: enforce."""
