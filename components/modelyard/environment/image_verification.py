"""Whose signatures an image needs before it runs."""

from __future__ import annotations

import re
import warnings
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .declaration import Declaration
from .known_name import refusal
from .patterns import (
    GOOGLE_KEY_VERSION_PATTERN,
    HTTPS_PATTERN,
    IMAGE_GLOB_PATTERN,
    NAME_PATTERN,
    ONE_LINE_PATTERN,
    SIGNING_KEY_PATTERN,
)

Image = Annotated[str, StringConstraints(pattern=IMAGE_GLOB_PATTERN, max_length=500)]
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]
Line = Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=500)]

_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----")
_BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----\s[A-Za-z0-9+/=\s]*[A-Za-z0-9+/][A-Za-z0-9+/=\s]*-----END \1-----")
_BROKEN = ("missing )", "unbalanced parenthesis", "unterminated character set", "nothing to repeat")
"""Mistakes that a regular expression of Go, which Kyverno takes, has in common with Python's."""


def _public(text: str) -> str:
    kind = _PEM.search(text)
    if kind is not None and "PRIVATE" in kind[1]:
        raise refusal("holds a private key, which nobody but the signer may have; write the public key")
    if kind is None:
        raise refusal("must be PEM text that begins with -----BEGIN PUBLIC KEY----- or -----BEGIN CERTIFICATE-----")
    if _BLOCK.search(text) is None:
        raise refusal(f"is PEM text that breaks off; write all of it, to -----END {kind[1]}-----")
    return text


def _regular(text: str) -> str:
    try:
        with warnings.catch_warnings(action="ignore"):
            re.compile(text)
    except re.error as error:
        if error.msg.startswith(_BROKEN):
            raise refusal(f"must be a regular expression: {error.msg} at position {error.pos}") from None
    return text


Pem = Annotated[str, AfterValidator(_public), StringConstraints(max_length=16384)]


class SigningKey(Declaration):
    """A key that signs images by cosign; exactly one of the two."""

    name: Name
    """Short name, for example release."""
    kms: Annotated[str, StringConstraints(pattern=SIGNING_KEY_PATTERN)] | None = None
    """The key in a cloud's key management, as cosign writes it: awskms://..., gcpkms://..., azurekms://..."""
    public_key: Pem | None = None
    """The public key, as PEM text."""

    @model_validator(mode="after")
    def _one_place(self) -> SigningKey:
        if (self.kms is None) == (self.public_key is None):
            raise ValueError("needs exactly one of kms, public_key")
        return self


class KeylessIdentity(Declaration):
    """Who signs without a key of his own, by a certificate of Sigstore's for some minutes."""

    issuer: Annotated[str, StringConstraints(pattern=HTTPS_PATTERN)]
    """Who says who he is, for example https://token.actions.githubusercontent.com."""
    subject: Line | None = None
    """Exactly who, for example the address of a workflow; this or subject_regexp."""
    subject_regexp: Annotated[Line, AfterValidator(_regular)] | None = None
    """Regular expression of who."""

    @model_validator(mode="after")
    def _one_subject(self) -> KeylessIdentity:
        if (self.subject is None) == (self.subject_regexp is None):
            raise ValueError("needs exactly one of subject, subject_regexp")
        return self


class NotationCertificate(Declaration):
    """Who signs by Notation, for example with AWS Signer or a certificate in Key Vault."""

    name: Name
    """Short name."""
    certificate: Pem
    """The certificate that signatures lead back to, as PEM text."""


class ImageSigners(Declaration):
    """Whose signatures count, and what else is asked of an image."""

    keys: list[SigningKey] = []
    """Keys of cosign; a signature by any one signer is enough. Default: none."""
    identities: list[KeylessIdentity] = []
    """Signers without keys. Default: none."""
    certificates: list[NotationCertificate] = []
    """Signers by Notation. Default: none."""
    enforcement: Literal["enforce", "audit"] = "enforce"
    """enforce: a pod without a signature is refused. audit: it runs, and a report says so."""
    require_digest: bool = True
    """Whether pods have to name images by digest."""
    write_digests: bool = False
    """Whether Kyverno writes the digest of a tag into pods as they come, so that a tag that moves later changes
    nothing; not into the templates of Deployments and the like, which are judged pod by pod then."""
    transparency_log: bool = True
    """Whether signatures have to be in Sigstore's public log; false where the cluster does not reach it."""
    excluded_namespaces: list[Name] = ["kube-system", "kyverno"]
    """Namespaces whose pods nobody judges."""
    replicas: Annotated[int, Field(ge=1, le=10)] = 3
    """Pods of Kyverno that judge; with one, no pod starts while it restarts."""

    @model_validator(mode="after")
    def _somebody_signs(self) -> Self:
        if not self.keys and not self.identities and not self.certificates:
            raise ValueError("names no signer, so no image would ever run; add keys, identities or certificates")
        names = [each.name for each in (*self.keys, *self.certificates)]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"keys and certificates name {', '.join(doubled)} twice; rename one")
        return self


class ImageVerification(ImageSigners):
    """Which images need a signature, and whose."""

    images: Annotated[list[Image], Field(min_length=1, max_length=200)]
    """Images by their address, with * for any text, for example 123456789012.dkr.ecr.us-east-1.amazonaws.com/prod/*."""
    registry_credentials: list[Literal["amazon", "azure", "google", "github", "default"]] = ["default"]
    """Whose credentials Kyverno reads signatures in private registries with; its pods need an identity that may
    pull."""
    install: bool = True
    """Whether Kyverno is installed; false where the cluster has it."""


class EnvironmentVerification(ImageSigners):
    """Which images need a signature on every cluster that the environment makes, and whose."""

    images: Annotated[list[Image], Field(max_length=50)] = []
    """Images by their address, with * for any text. Default: those of image_registry.repositories."""


class AttestorKey(Declaration):
    """A key in Cloud KMS that signs attestations."""

    key_version: Annotated[str, StringConstraints(pattern=GOOGLE_KEY_VERSION_PATTERN)]
    """projects/<project>/locations/<place>/keyRings/<ring>/cryptoKeys/<key>/cryptoKeyVersions/<number>"""
    public_key: Pem
    """Its public key, as PEM text."""
    algorithm: Literal["ECDSA_P256_SHA256", "ECDSA_P384_SHA384", "RSA_SIGN_PSS_4096_SHA512"] = "ECDSA_P256_SHA256"
    """How it signs."""


class BinaryAuthorization(Declaration):
    """Which attestations images need on the clusters of a project of Google Cloud."""

    owns_project_policy: bool = False
    """Whether this environment writes the project's policy of Binary Authorization, which exists once in a project and
    holds for all of its clusters. At most one environment of a project may."""
    attestor: Name
    """Name of the attestor."""
    keys: Annotated[list[AttestorKey], Field(min_length=1, max_length=10)]
    """Keys that sign attestations; one is enough."""
    exempt_images: list[Image] = []
    """Images that need none, by their address, with * for any text but slashes and ** for any. Default: none but
    Google's own system images."""
    enforcement: Literal["enforce", "audit"] = "enforce"
    """enforce: a pod without an attestation is refused. audit: it runs, and the audit log says so."""

    @model_validator(mode="after")
    def _one_owner(self) -> BinaryAuthorization:
        if not self.owns_project_policy:
            raise ValueError(
                "owns_project_policy is false, and the policy of Binary Authorization exists once in a project, where "
                "the last environment that writes it wins; write true in the one environment of the project that owns "
                "it"
            )
        return self
