"""Whose signatures images need: policies of Kyverno and of Binary Authorization."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.governance.ownership import Ownership
from modelyard.graph import ResourceGraph
from modelyard.offline import run
from modelyard.registry.binary_authorization import BinaryAuthorization
from modelyard.registry.image_verification import ImageVerification
from recorded_graph import one, refused, waits_for

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
POLICY = "kubernetes:policies.kyverno.io/v1:ImageValidatingPolicy"
RELEASE = "kubernetes:helm.sh/v3:Release"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/prod/*"
PUBLIC = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
RELEASE_KEY = {"name": "release-key", "kms": "awskms:///alias/image-signing"}
WORKFLOW = {
    "issuer": "https://token.actions.githubusercontent.com",
    "subject": "https://github.com/retail/models/.github/workflows/build.yml@refs/heads/main",
}
VERSION = "projects/shop-prod/locations/europe-west4/keyRings/signing/cryptoKeys/images/cryptoKeyVersions/1"


def verified(**args: Any) -> ResourceGraph:
    arguments: Any = {"images": [REGISTRY], "ownership": PLATFORM.args(), **args}
    return run(
        lambda: ImageVerification("verified-images", arguments) and None, project="modelyard", stack="prod", mode="up"
    ).graph


def spec(**args: Any) -> dict[str, Any]:
    return dict(one(verified(**args), POLICY).inputs["spec"])


def test_a_pod_needs_a_signature_of_one_of_the_signers_and_a_digest() -> None:
    made = spec(
        keys=[RELEASE_KEY, {"name": "old", "public_key": PUBLIC}],
        identities=[WORKFLOW],
        certificates=[{"name": "signer", "certificate": CERTIFICATE}],
    )
    assert made["validationActions"] == ["Deny"]
    assert made["failurePolicy"] == "Fail"
    assert made["matchImageReferences"] == [{"glob": REGISTRY}]
    assert made["validationConfigurations"] == {"mutateDigest": False, "verifyDigest": True, "required": True}
    assert made["attestors"] == [
        {"name": "by_release_key", "cosign": {"key": {"kms": "awskms:///alias/image-signing"}}},
        {"name": "by_old", "cosign": {"key": {"data": PUBLIC}}},
        {"name": "keyless", "cosign": {"keyless": {"identities": [WORKFLOW]}}},
        {"name": "by_signer", "notary": {"certs": {"value": CERTIFICATE}}},
    ]
    signers = "[attestors.by_release_key, attestors.by_old, attestors.keyless, attestors.by_signer]"
    assert [each["expression"] for each in made["validations"]] == [
        f"images.{kind}.map(image, verifyImageSignatures(image, {signers})).all(e, e > 0)"
        for kind in ("containers", "initContainers", "ephemeralContainers")
    ]


def test_an_audit_refuses_nothing() -> None:
    made = spec(keys=[RELEASE_KEY], enforcement="audit", require_digest=False, excluded_namespaces=["kube-system"])
    assert (made["validationActions"], made["failurePolicy"]) == (["Audit"], "Ignore")
    assert made["validationConfigurations"]["verifyDigest"] is False
    selector = made["matchConstraints"]["namespaceSelector"]["matchExpressions"]
    assert selector == [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]}]


def test_a_cluster_without_the_internet_does_without_the_public_log() -> None:
    cosign = spec(keys=[RELEASE_KEY], transparency_log=False)["attestors"][0]["cosign"]
    assert cosign["ctlog"] == {"insecureIgnoreTlog": True, "insecureIgnoreSCT": True}


def test_kyverno_is_installed_before_its_policy_or_not_at_all() -> None:
    graph = verified(keys=[RELEASE_KEY], replicas=5)
    chart = one(graph, RELEASE)
    assert (chart.inputs["chart"], chart.inputs["version"]) == ("kyverno", "3.9.0")
    assert chart.inputs["values"]["admissionController"] == {"replicas": 5}
    assert waits_for(graph, one(graph, POLICY), chart)
    assert not verified(keys=[RELEASE_KEY], install=False).of_type(RELEASE)


REFUSED = [
    ({}, "names no signer, so no image would ever run; add keys, identities or certificates"),
    ({"keys": [{"name": "a"}]}, "keys[0]: needs exactly one of kms, public_key"),
    (
        {"keys": [{"name": "a", "public_key": PUBLIC.replace("PUBLIC", "PRIVATE")}]},
        "keys[0].public_key: holds a private key, which nobody but the signer may have; write the public key",
    ),
    (
        {"keys": [{"name": "a", "kms": "alias/signing"}]},
        "keys[0].kms: 'alias/signing' must be a key as cosign writes it: awskms://, gcpkms://, azurekms:// or "
        "hashivault:// and its name",
    ),
    (
        {"identities": [{"issuer": "https://token.actions.githubusercontent.com"}]},
        "identities[0]: needs exactly one of subject, subject_regexp",
    ),
    ({"keys": [RELEASE_KEY, RELEASE_KEY]}, "keys and certificates name release-key twice; rename one"),
]


@pytest.mark.parametrize(("args", "message"), REFUSED)
def test_wrong_signers_are_refused_and_no_key_is_shown(args: dict[str, Any], message: str) -> None:
    assert refused(lambda: verified(**args)) == f"ImageVerification verified-images: {message}"


def authorized(**args: Any) -> ResourceGraph:
    arguments: Any = {
        "project": "shop-prod",
        "owns_project_policy": True,
        "attestor": "built-by-us",
        "keys": [{"key_version": VERSION, "public_key": PUBLIC}],
        **args,
    }
    return run(
        lambda: BinaryAuthorization("prod", arguments) and None, project="modelyard", stack="prod", mode="up"
    ).graph


def test_google_lets_in_what_the_attestor_signed() -> None:
    graph = authorized(exempt_images=["europe-west4-docker.pkg.dev/shop-prod/base/*"])
    attestor = one(graph, "gcp:binaryauthorization/attestor:Attestor")
    note = attestor.inputs["attestationAuthorityNote"]
    assert note["noteReference"] == "built-by-us"
    assert note["publicKeys"] == [
        {
            "id": f"//cloudkms.googleapis.com/v1/{VERSION}",
            "pkixPublicKey": {"publicKeyPem": PUBLIC, "signatureAlgorithm": "ECDSA_P256_SHA256"},
        }
    ]
    policy = one(graph, "gcp:binaryauthorization/policy:Policy").inputs
    assert policy["defaultAdmissionRule"] == {
        "evaluationMode": "REQUIRE_ATTESTATION",
        "enforcementMode": "ENFORCED_BLOCK_AND_AUDIT_LOG",
        "requireAttestationsBies": ["built-by-us"],
    }
    assert policy["globalPolicyEvaluationMode"] == "ENABLE"
    assert policy["admissionWhitelistPatterns"] == [{"namePattern": "europe-west4-docker.pkg.dev/shop-prod/base/*"}]


def test_a_dry_run_only_logs() -> None:
    policy = one(authorized(enforcement="audit"), "gcp:binaryauthorization/policy:Policy").inputs
    assert policy["defaultAdmissionRule"]["enforcementMode"] == "DRYRUN_AUDIT_LOG_ONLY"


def test_the_policy_of_the_whole_project_is_written_by_its_owner_alone() -> None:
    assert refused(lambda: authorized(owns_project_policy=False)) == (
        "BinaryAuthorization prod: owns_project_policy is false, and the policy of Binary Authorization exists once in "
        "a project, where the last environment that writes it wins; write true in the one environment of the project "
        "that owns it"
    )
