"""What a TritonService refuses, and the words in which it does."""

from __future__ import annotations

from typing import Any

import pytest

from .program import CHECKSUM, SHOP, refusal
from .triton import AZURE, service, stored

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"modell": "x"}, "TritonService prod-east-tagger: modell: "),
    ({"model": None}, "TritonService prod-east-tagger: model: "),
    ({"pool": None}, "resources.gpus is 1; name the GPU pool in pool, or ask for 0 GPUs"),
    ({"overflow_pool": "l4"}, "overflow_pool 'l4' is the pool itself; name another, or none"),
    ({"max_unavailable": 0}, "max_surge and max_unavailable are both 0, so no pod could ever be replaced"),
    (
        {"resources": {"memory_gib": 1, "shared_memory_mib": 1024}},
        "resources.shared_memory_mib 1024 leaves nothing of memory_gib 1 for the server itself",
    ),
    ({"env": {"HOME": "/root"}}, "the variable HOME belongs to the server's container; choose another name"),
    (
        {"env": {"LEVEL": "1"}, "secret_env": {"LEVEL": {"config": "level"}}},
        "LEVEL is named in env and in secret_env; keep one",
    ),
    (
        {"ownership": {**SHOP.args(), "department": "Shop_1"}},
        "ownership.department 'Shop_1' is also a namespace; allowed are lower-case letters, digits and hyphens, at "
        "most 40, beginning with a letter",
    ),
    (
        {"resources": {"memory_gib": 1, "shared_memory_mib": 512}, "server": {"response_cache_mib": 512}},
        "resources.shared_memory_mib 512 and server.response_cache_mib 512 leave nothing of memory_gib 1 for the "
        "server itself",
    ),
    (
        {"mig_profile": "1g.10gb", "pool": None, "price_basis": None, "resources": {"gpus": 0}},
        "mig_profile is 1g.10gb and resources.gpus is 0; ask for slices, or for none",
    ),
    (
        {"device": "aws.amazon.com/neuron", "mig_profile": "1g.10gb"},
        "mig_profile 1g.10gb is for NVIDIA GPUs, and device is aws.amazon.com/neuron; delete one of the two",
    ),
    (
        {"device": "google.com/tpu", "gpu_claim": {}},
        "gpu_claim is for NVIDIA GPUs, and device is google.com/tpu; delete one of the two",
    ),
    ({"version": 3, "versions": [1, 2]}, "version 3 is not among versions 1, 2; name it there"),
    (
        {"server": {"rate_limit_resources": [{"name": "R1", "count": 4}]}},
        "server.rate_limit_resources mean nothing while server.rate_limiter is off; turn it on",
    ),
    ({"stored": stored(region=None)}, "stored: region is missing; name the AWS region of the S3 bucket"),
    (
        {"stored": stored(store="azure", region=None)},
        "stored: account is missing; name the storage account of the Azure container",
    ),
    (
        {"stored": stored(**AZURE), "eks_cluster": None},
        "azure_client_id is missing; pods reach Azure Blob Storage by a managed identity alone",
    ),
    (
        {"stored": stored(store="gcs", region=None)},
        "eks_cluster gives no access to a model in gcs; delete it, or set stored.store",
    ),
    (
        {"stored": stored(size_bytes=1)},
        "stored: size_bytes is for files that are not listed, and files lists them; keep one",
    ),
    (
        {"stored": stored(files=[{"path": "a/b", "sha256": CHECKSUM, "size_bytes": 1}] * 2)},
        "stored: files names 'a/b' more than once; keep one",
    ),
    (
        {"stored": stored(files=[{"path": "a/../../b", "sha256": CHECKSUM, "size_bytes": 1}])},
        "stored.files[0].path: 'a/../../b' leaves the repository; name a path below its root, without empty parts and "
        "dots",
    ),
    (
        {
            "stored": stored(
                files=[{"path": f"m/1/{n:0200d}", "sha256": CHECKSUM, "size_bytes": 1} for n in range(3000)]
            )
        },
        "stored: files lists 3000 files in 1512 kB, and the ConfigMap that holds the list takes 1000 kB; put them into "
        "fewer files, or let everything below a prefix be fetched",
    ),
    ({"scaling": {"min_replicas": 3, "max_replicas": 2}}, "min_replicas 3 exceeds max_replicas 2"),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED, ids=[said[:40] for _, said in REFUSED])
def test_bad_arguments_are_refused_before_anything_is_registered(changes: dict[str, Any], said: str) -> None:
    assert said in refusal(service(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"env": {"HUB_TOKEN": "planted-value-1"}},
        {"secret_env": {"HUB_TOKEN": "planted-value-1"}},
        {"env": {"REMOTE": "https://user:planted-value-1@example.org"}},
    ],
)
def test_a_secret_given_as_a_value_is_refused_and_never_shown(changes: dict[str, Any]) -> None:
    message = refusal(service(**changes))
    assert "reference" in message
    assert "planted-value-1" not in message
