"""Attestations of images, checked by Google Cloud when pods come to GKE."""

from typing import Any

import pulumi

from ..environment import image_verification as declaration
from ..governance.arguments import read_arguments
from ..governance.google_sdk import google
from .image_verification_args import BinaryAuthorizationArgs

_COMPONENT = "BinaryAuthorization"
_ENFORCEMENT = {"enforce": "ENFORCED_BLOCK_AND_AUDIT_LOG", "audit": "DRYRUN_AUDIT_LOG_ONLY"}


class BinaryAuthorization(pulumi.ComponentResource):
    """An attestor with its keys, and the project's policy: an image runs on the project's clusters that turn Binary
    Authorization on (``gke: {binary_authorization: true}``) where the attestor has signed its digest. Google's own
    system images are let through.

    The policy exists once in a project; the environment that owns it says so. Follows the documentation of Binary
    Authorization.

    Raises:
        InvalidEnvironment: an argument is wrong.
        NoGcpSdk: pulumi-gcp is not installed.
    """

    attestor_name: pulumi.Output[str]
    """Resource name of the attestor, which ``gcloud container binauthz attestations sign-and-create`` takes."""

    def __init__(self, name: str, args: BinaryAuthorizationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(
            declaration.BinaryAuthorization, args, BinaryAuthorizationArgs, f"{_COMPONENT} {name}"
        )
        sdk: Any = google(_COMPONENT, "binaryauthorization")
        super().__init__("modelyard:index:BinaryAuthorization", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        project = args.get("project")
        note = google(_COMPONENT, "containeranalysis").Note(
            name,
            name=declared.attestor,
            project=project,
            attestation_authority={"hint": {"human_readable_name": declared.attestor}},
            opts=child,
        )
        attestor = sdk.Attestor(
            name,
            name=declared.attestor,
            project=project,
            attestation_authority_note={
                "note_reference": note.name,
                "public_keys": [
                    {
                        "id": f"//cloudkms.googleapis.com/v1/{key.key_version}",
                        "pkix_public_key": {"public_key_pem": key.public_key, "signature_algorithm": key.algorithm},
                    }
                    for key in declared.keys
                ],
            },
            opts=child,
        )
        sdk.Policy(
            name,
            project=project,
            global_policy_evaluation_mode="ENABLE",
            admission_whitelist_patterns=[{"name_pattern": each} for each in declared.exempt_images],
            default_admission_rule={
                "evaluation_mode": "REQUIRE_ATTESTATION",
                "enforcement_mode": _ENFORCEMENT[declared.enforcement],
                "require_attestations_bies": [attestor.name],
            },
            opts=child,
        )
        self.attestor_name = attestor.id
        self.register_outputs({"attestorName": self.attestor_name})
