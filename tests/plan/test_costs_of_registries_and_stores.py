"""Every type that registries, stores and builds are made of has a price, is free, or is told to have no price."""

from __future__ import annotations

import pytest
from modelyard.cost.rules import is_free, known_types

PRICED = [
    "aws:ecr/repository:Repository",
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    "aws:s3/bucket:Bucket",
    "aws:kms/key:Key",
    "gcp:artifactregistry/repository:Repository",
    "gcp:storage/bucket:Bucket",
    "azure-native:containerregistry:Registry",
    "azure-native:containerregistry:Replication",
    "azure-native:storage:StorageAccount",
    "azure-native:network:PrivateEndpoint",
]
FREE = [
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
    "aws:ecr/replicationConfiguration:ReplicationConfiguration",
    "aws:ecr/registryPolicy:RegistryPolicy",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
    "gcp:secretmanager/secretIamMember:SecretIamMember",
    "gcp:storage/bucketIAMMember:BucketIAMMember",
    "gcp:binaryauthorization/attestor:Attestor",
    "gcp:containeranalysis/note:Note",
    "azure-native:containerregistry:CacheRule",
    "azure-native:containerregistry:CredentialSet",
    "azure-native:storage:BlobServiceProperties",
    "azure-native:storage:ManagementPolicy",
    "docker-build:index:Image",
    "docker-build:index:Index",
    "kubernetes:policies.kyverno.io/v1:ImageValidatingPolicy",
]
TOLD = [
    # Seconds of a task's processor, and what Binary Authorization checks, are in no list of prices that we have.
    "azure-native:containerregistry:Task",
    "gcp:binaryauthorization/policy:Policy",
]


@pytest.mark.parametrize("token", PRICED)
def test_what_costs_has_a_rule(token: str) -> None:
    assert token in known_types()


@pytest.mark.parametrize("token", FREE)
def test_what_is_free_is_listed(token: str) -> None:
    assert is_free(token)


@pytest.mark.parametrize("token", TOLD)
def test_what_has_no_price_is_not_taken_for_free(token: str) -> None:
    assert not is_free(token)
    assert not is_free(token)
