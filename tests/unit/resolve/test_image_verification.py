"""Whose signatures an environment asks for: which images, by cloud, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.environment.platform import Platform
from modelyard.resolve.cluster import decide_cluster
from modelyard.resolve.image_verification import verified_images
from modelyard.resolve.names import acr_name

from .test_image_build import BUILD, world
from .world import PLATFORM, TOYS, lines, resolved, write

KEY = "image_verification: {keys: [{name: release, kms: 'awskms:///alias/signing'}]}\n"
SIGNED = PLATFORM.replace("gateway:\n", f"{KEY}gateway:\n")
SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
CLUSTERS = {
    "aws": {"name": "east", "region": "us-east-1"},
    "china": {"name": "north", "region": "cn-north-1"},
    "gcp": {"name": "west", "cloud": "gcp", "region": "europe-west4", "gke": {"project": "shop-prod"}},
    "azure": {
        "name": "dublin",
        "cloud": "azure",
        "region": "northeurope",
        "aks": {"subscription_id": SUBSCRIPTION, "tenant_id": SUBSCRIPTION, "resource_group": "ml"},
    },
}


@pytest.mark.parametrize(
    ("cluster", "account", "image"),
    [
        ("aws", "123456789012", "123456789012.dkr.ecr.us-east-1.amazonaws.com/prod/toys/tagger*"),
        ("aws", None, "*.dkr.ecr.us-east-1.amazonaws.com/prod/toys/tagger*"),
        ("china", None, "*.dkr.ecr.cn-north-1.amazonaws.com.cn/prod/toys/tagger*"),
        ("gcp", None, "europe-west4-docker.pkg.dev/shop-prod/prod-images/toys/tagger*"),
        ("azure", None, f"{acr_name('retail', 'prod', 'northeurope')}.azurecr.io/prod/toys/tagger*"),
    ],
)
def test_own_images_are_verified_where_the_cluster_is(cluster: str, account: str | None, image: str) -> None:
    platform = Platform.model_validate(
        {
            "environment": "prod",
            "tier": "prod",
            "organization": "retail",
            "owner": "ml-platform@retail.example",
            "cost_center": "CC-1000",
            "aws_account_id": account,
            "clusters": [CLUSTERS[cluster]],
            "gateway": {"domain": "models.retail.example"},
            "image_registry": {"repositories": ["toys/tagger"]},
            "image_verification": {"keys": [{"name": "release", "kms": "awskms:///alias/signing"}]},
        }
    )
    decided, _ = decide_cluster(platform.clusters[0], environment="prod", managed=None)
    assert verified_images(platform, decided) == [image]


def test_nothing_to_verify_is_refused(tmp_path: Path) -> None:
    (found,) = lines(write(tmp_path, SIGNED.replace("image_registry: {repositories: [toys/tagging]}\n", "")))
    assert found.partition(": ")[2] == (
        "image_verification.images: names no image, and image_registry declares no repositories; add images, or "
        "repositories"
    )


def test_images_that_nobody_can_sign_in_time_are_told(tmp_path: Path) -> None:
    folder = world(tmp_path, BUILD)
    (folder / "platform.yaml").write_text(SIGNED)
    told = [each for each in resolved(folder).notices if "signs it" in each]
    assert told == [
        "the image of model 'tagging' is built and rolled out by one pulumi up, in which nobody signs it; push and "
        "sign it beforehand under the same tag, or its pods are refused"
    ]
    audit = SIGNED.replace("'awskms:///alias/signing'}]", "'awskms:///alias/signing'}], enforcement: audit")
    (folder / "platform.yaml").write_text(audit)
    assert not [each for each in resolved(folder).notices if "signs it" in each]


def test_a_cluster_of_somebody_else_is_told(tmp_path: Path) -> None:
    other = SIGNED + "  - {name: lab, region: us-east-1, existing: {name: lab}}\n"
    folder = write(tmp_path, other, TOYS + "    clusters: [east]\n")
    assert [each for each in resolved(folder).notices if "signatures" in each] == [
        "signatures are asked for on clusters that are made here, and not on lab; declare ImageVerification there"
    ]


@pytest.mark.parametrize(
    ("kms", "told"),
    [
        (
            "awskms:///alias/signing",
            [
                "key 'release' of image_verification is read by Kyverno on east, whose identity may read the registry "
                "alone; grant it kms:DescribeKey and kms:GetPublicKey on it, or write public_key in place of kms",
                "key 'release' of image_verification cannot be read by Kyverno on west, which has no credentials of "
                "AWS; write public_key in place of kms",
            ],
        ),
        (
            "gcpkms://projects/shop/locations/global/keyRings/r/cryptoKeys/k",
            [
                "key 'release' of image_verification is read by Kyverno on west, whose identity may read the registry "
                "alone; grant it roles/cloudkms.viewer and roles/cloudkms.publicKeyViewer on it, or write public_key "
                "in place of kms",
                "key 'release' of image_verification cannot be read by Kyverno on east, which has no credentials of "
                "Google Cloud; write public_key in place of kms",
            ],
        ),
        (
            "hashivault://signing",
            [
                "key 'release' of image_verification cannot be read by Kyverno on east, west, which has no credentials "
                "of Vault; write public_key in place of kms"
            ],
        ),
    ],
)
def test_a_key_that_kyverno_may_not_read_is_told(tmp_path: Path, kms: str, told: list[str]) -> None:
    both = SIGNED + "  - {name: west, cloud: gcp, region: europe-west4, gke: {project: shop-prod}}\n"
    folder = write(tmp_path, both.replace("awskms:///alias/signing", kms), TOYS + "    clusters: [east]\n")
    assert [each for each in resolved(folder).notices if "Kyverno" in each] == told


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            "excluded_namespaces: [kyverno, toys]",
            [
                "images of department toys are judged by nobody, as excluded_namespaces of image_verification names "
                "its namespace"
            ],
        ),
        (
            "images: ['*']",
            [
                "'*' of image_verification.images takes in nvcr.io/nvidia/tritonserver:26.07-py3, which others "
                "publish: its pods are refused unless a key named here has signed it"
            ],
        ),
        ("images: ['*'], enforcement: audit", []),
        ("images: ['registry.example.com/*']", []),
    ],
)
def test_who_is_judged_by_nobody_and_whose_images_others_sign(tmp_path: Path, more: str, told: list[str]) -> None:
    signed = SIGNED.replace("signing'}]}", f"signing'}}], {more}}}")
    notices = resolved(write(tmp_path, signed)).notices
    assert [each for each in notices if "judged by nobody" in each or "others publish" in each] == told


@pytest.mark.parametrize(
    ("signer", "told"),
    [
        (
            "keys: [{name: release, public_key: '-----BEGIN PUBLIC KEY-----'}]",
            "keys[0].public_key: is PEM text that breaks off; write all of it, to -----END PUBLIC KEY-----",
        ),
        (
            "keys: [{name: release, public_key: '-----BEGIN PUBLIC KEY----- -----END PUBLIC KEY-----'}]",
            "keys[0].public_key: is PEM text that breaks off; write all of it, to -----END PUBLIC KEY-----",
        ),
        (
            "identities: [{issuer: 'https://ci.example.com', subject_regexp: 'https://ci.example.com/(.*'}]",
            "identities[0].subject_regexp: must be a regular expression: missing ), unterminated subpattern at "
            "position 23",
        ),
        ("identities: [{issuer: 'https://ci.example.com', subject_regexp: '(?i)[[:alpha:]]+\\z'}]", None),
    ],
)
def test_signers_that_nothing_is_signed_by_are_refused(tmp_path: Path, signer: str, told: str | None) -> None:
    signed = PLATFORM.replace("gateway:\n", f"image_verification: {{{signer}}}\ngateway:\n")
    found = [each.partition(": ")[2] for each in lines(write(tmp_path, signed))]
    assert found == ([] if told is None else [f"image_verification.{told}"])
