"""Buckets and disks: encrypted, private, and versioned where something can be overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph
from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import elements, is_true, listed, read, require, shown
from modelyard_policies.network_policies import belongs
from modelyard_policies.ownership import LAUNCH_TEMPLATE
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, ResourceRule, StackRule

BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_BLOCKS: Final = ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",)
_VERSIONINGS: Final = (
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketVersioningV2:BucketVersioningV2",
)
_ENCRYPTIONS: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
_ACLS: Final = ("aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2")
_BLOCKED: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_ALGORITHMS: Final = ("aws:kms", "aws:kms:dsse")
_PRIVATE_ACLS: Final = ("private", "log-delivery-write", "bucket-owner-full-control", "bucket-owner-read")

GOOGLE_BUCKET: Final = "gcp:storage/bucket:Bucket"
ACCOUNT: Final = "azure-native:storage:StorageAccount"
CONTAINER: Final = "azure-native:storage:BlobContainer"
BLOB_SERVICE: Final = "azure-native:storage:BlobServiceProperties"
WORKSPACE: Final = "azure-native:machinelearningservices:Workspace"
_CLOUDS_STORES: Final = (GOOGLE_BUCKET, ACCOUNT, CONTAINER, BLOB_SERVICE, WORKSPACE)
VOLUME: Final = "aws:ebs/volume:Volume"
INSTANCE: Final = "aws:ec2/instance:Instance"
FILE_SYSTEM: Final = "aws:efs/fileSystem:FileSystem"
STORAGE_CLASS: Final = "kubernetes:storage.k8s.io/v1:StorageClass"


def rules() -> list[ResourceRule | StackRule]:
    return [
        StackRule(
            "bucket-encrypted-versioned-private",
            "A bucket is encrypted with a KMS key, keeps overwritten objects, and cannot be made public.",
            types=ResourceTypes(*_CLOUDS_STORES, *BUCKETS, *_BLOCKS, *_VERSIONINGS, *_ENCRYPTIONS, *_ACLS),
            check=_buckets,
            settings={
                "algorithms": {"type": "array", "items": {"type": "string"}},
                "customer_keys": {"type": "boolean"},
            },
        ),
        ResourceRule(
            "volumes-encrypted",
            "Disks are encrypted.",
            types=ResourceTypes(VOLUME, INSTANCE, LAUNCH_TEMPLATE, FILE_SYSTEM, STORAGE_CLASS),
            check=_volumes,
        ),
    ]


def _buckets(graph: ResourceGraph, config: Mapping[str, Any]) -> Iterator[Finding]:
    yield from _of_google(graph, own_key=is_true(config.get("customer_keys")))
    yield from _of_azure(graph, own_key=is_true(config.get("customer_keys")))
    allowed = tuple(config.get("algorithms", _ALGORITHMS))
    settings = {types: _Settings(graph, types) for types in (_BLOCKS, _VERSIONINGS, _ENCRYPTIONS, _ACLS)}
    for bucket in graph.of_type(*BUCKETS):
        for message in (
            _private(bucket, settings[_BLOCKS].of(bucket), settings[_ACLS].of(bucket)),
            _versioned(bucket, settings[_VERSIONINGS].of(bucket)),
            _encrypted(bucket, settings[_ENCRYPTIONS].of(bucket), allowed),
        ):
            if message:
                yield Finding(bucket.urn, message)


def _of_google(graph: ResourceGraph, *, own_key: bool) -> Iterator[Finding]:
    """Google encrypts every object by itself; whose key it takes is for the setting to ask."""
    for bucket in graph.of_type(GOOGLE_BUCKET):
        prevention = bucket.inputs.get("publicAccessPrevention")
        uniform = bucket.inputs.get("uniformBucketLevelAccess")
        versioned = read(bucket.inputs, "versioning", "enabled")
        if prevention not in ("enforced", UNKNOWN):
            yield Finding(
                bucket.urn,
                f"publicAccessPrevention is {shown(prevention)}, so a role or an ACL can make the bucket public; set "
                "it to 'enforced'.",
            )
        if uniform is not UNKNOWN and not is_true(uniform):
            yield Finding(
                bucket.urn,
                f"uniformBucketLevelAccess is {shown(uniform)}, so ACLs give single objects to others; set it to true.",
            )
        if versioned is not UNKNOWN and not is_true(versioned):
            yield Finding(
                bucket.urn,
                f"versioning.enabled is {shown(versioned)}, so an overwritten model is gone; set it to true.",
            )
        if own_key and read(bucket.inputs, "encryption", "defaultKmsKeyName") is None:
            yield Finding(bucket.urn, "encryption.defaultKmsKeyName is not set; name a key of Cloud KMS.")


def _of_azure(graph: ResourceGraph, *, own_key: bool) -> Iterator[Finding]:
    """Azure encrypts every blob by itself. Versions are asked of accounts into which the program puts containers, but
    for those of Azure ML workspaces, whose models have versions of their own."""
    workspaces = {
        urn for each in graph.of_type(WORKSPACE) for urn in each.property_dependencies.get("storageAccount", ())
    }
    for account in graph.of_type(ACCOUNT):
        public = account.inputs.get("allowBlobPublicAccess")
        if public is not UNKNOWN and public is not False and public != "false":
            yield Finding(
                account.urn,
                f"allowBlobPublicAccess is {shown(public)}, so a container can be made public; set it to false.",
            )
        if account.urn in workspaces or not any(
            belongs(each, "accountName", account, "accountName") for each in graph.of_type(CONTAINER)
        ):
            continue
        services = [
            each for each in graph.of_type(BLOB_SERVICE) if belongs(each, "accountName", account, "accountName")
        ]
        versioned = read(services[0].inputs, "isVersioningEnabled") if services else None
        if versioned is not UNKNOWN and not is_true(versioned):
            yield Finding(
                account.urn,
                f"isVersioningEnabled of the account's BlobServiceProperties is {shown(versioned)}, so an overwritten "
                "model is gone; set it to true.",
            )
        if own_key and read(account.inputs, "encryption", "keySource") not in ("Microsoft.Keyvault", UNKNOWN):
            yield Finding(account.urn, "encryption.keySource is not 'Microsoft.Keyvault'; name a key of Key Vault.")
    for container in graph.of_type(CONTAINER):
        access = container.inputs.get("publicAccess")
        if access not in (None, "None", UNKNOWN):
            yield Finding(container.urn, f"publicAccess is {shown(access)}, so anybody can read it; set it to 'None'.")


class _Settings:
    """Resources that complete a bucket, found by where their ``bucket`` came from or by its name."""

    def __init__(self, graph: ResourceGraph, types: tuple[str, ...]) -> None:
        self._by_reference: dict[str, Resource] = {}
        for resource in graph.of_type(*types):
            for urn in resource.property_dependencies.get("bucket", ()):
                self._by_reference.setdefault(urn, resource)
            name = resource.inputs.get("bucket")
            if isinstance(name, str):
                self._by_reference.setdefault(name, resource)

    def of(self, bucket: Resource) -> Resource | None:
        found = self._by_reference.get(bucket.urn)
        name = bucket.inputs.get("bucket")
        if found is None and isinstance(name, str):
            found = self._by_reference.get(name)
        return found if found is None or belongs(found, "bucket", bucket, "bucket") else None


def _private(bucket: Resource, block: Resource | None, acl_resource: Resource | None) -> str:
    for resource in (bucket, acl_resource):
        acl = resource.inputs.get("acl") if resource else None
        if isinstance(acl, str) and acl not in _PRIVATE_ACLS:
            return f"acl {shown(acl)} gives the bucket's objects to others; set it to 'private'."
    if block is None:
        return (
            "the bucket has no BucketPublicAccessBlock, so a policy or an ACL can make it public; declare one with "
            f"{', '.join(_BLOCKED)} all true."
        )
    off = [key for key in _BLOCKED if block.inputs.get(key) is not UNKNOWN and not is_true(block.inputs.get(key))]
    if off:
        return (
            f"the bucket's BucketPublicAccessBlock leaves {', '.join(off)} off; set all of {', '.join(_BLOCKED)} "
            "to true."
        )
    return ""


def _versioned(bucket: Resource, versioning: Resource | None) -> str:
    if is_true(read(bucket.inputs, "versioning", "enabled")):
        return ""
    status = read(versioning.inputs, "versioningConfiguration", "status") if versioning else None
    if status in ("Enabled", UNKNOWN):
        return ""
    return (
        f"the bucket's versioning status is {shown(status)}, so an overwritten model is gone; declare a "
        "BucketVersioning "
        "with status 'Enabled'."
    )


def _encrypted(bucket: Resource, encryption: Resource | None, allowed: tuple[str, ...]) -> str:
    rules = read(encryption.inputs, "rules") if encryption else None
    if rules is None:
        inline = read(bucket.inputs, "serverSideEncryptionConfiguration")
        rules = read(inline, "rules") or [read(inline, "rule")]
    if rules is UNKNOWN:
        return ""
    algorithms = [read(rule, "applyServerSideEncryptionByDefault", "sseAlgorithm") for rule in elements(rules)]
    if any(algorithm in allowed or algorithm is UNKNOWN for algorithm in algorithms):
        return ""
    declared = next((algorithm for algorithm in algorithms if algorithm), None)
    return (
        f"the bucket's sseAlgorithm is {shown(declared)}; declare a BucketServerSideEncryptionConfiguration with "
        "one of "
        f"{listed(allowed)}."
    )


def left_to_template(props: Mapping[str, Any], key: str) -> bool:
    """Whether a machine says nothing of ``key`` and takes what its launch template says, which is judged by itself."""
    return read(props, key) is None and read(props, "launchTemplate") is not None


def _volumes(args: ResourceValidationArgs) -> Iterator[str]:
    props = args.props
    match args.resource_type:
        case "aws:ebs/volume:Volume" | "aws:efs/fileSystem:FileSystem":
            yield from _flag("encrypted", require(props, "encrypted"))
        case "aws:ec2/instance:Instance":
            if not left_to_template(props, "rootBlockDevice"):
                yield from _flag("rootBlockDevice.encrypted", require(props, "rootBlockDevice", "encrypted"))
            for position, device in enumerate(elements(require(props, "ebsBlockDevices"))):
                yield from _flag(f"ebsBlockDevices[{position}].encrypted", require(device, "encrypted"))
        case "kubernetes:storage.k8s.io/v1:StorageClass":
            if require(props, "provisioner") in (
                "ebs.csi.aws.com",
                "ebs.csi.eks.amazonaws.com",
                "kubernetes.io/aws-ebs",
            ):
                yield from _flag("parameters.encrypted", require(props, "parameters", "encrypted"))
        case _:
            mappings = list(elements(require(props, "blockDeviceMappings")))
            if not mappings:
                yield (
                    "blockDeviceMappings is not set, so the nodes' root volumes are encrypted only where the account's "
                    "default says so; declare the root volume with ebs.encrypted true."
                )
            for position, mapping in enumerate(mappings):
                if read(mapping, "ebs") is not None:
                    yield from _flag(
                        f"blockDeviceMappings[{position}].ebs.encrypted", require(mapping, "ebs", "encrypted")
                    )


def _flag(path: str, value: Any) -> Iterator[str]:
    if not is_true(value):
        yield f"{path} is {shown(value)}, so the disk can be read by whoever gets hold of it; set it to true."
