"""The bucket that models are loaded from."""

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from ..catalog.regions import without_zones
from ..environment.known_name import unknown
from ..environment.problem import InvalidEnvironment, Problem
from ..environment.target import Cloud
from ..governance.argument_forms import form_problems
from ..governance.arguments import read_arguments
from ..governance.ownership import Ownership
from ..resolve.image_registry import cloud_of_region, unknown_region
from ..resolve.model_store import STORE, store_problems
from .model_store_args import ModelStoreArgs
from .model_store_declaration import ModelStoreDeclaration

_ONLY: Mapping[str, tuple[Cloud, ...]] = {
    "expire_captured_days": ("aws",),
    "project": ("gcp",),
    "project_number": ("gcp",),
    "kms_key": ("gcp", "azure"),
    "key_vault_id": ("azure",),
    "resource_group": ("azure",),
    "subscription_id": ("azure",),
    "zone_redundant": ("azure",),
    "shared_keys": ("azure",),
    "public_network": ("azure",),
    "private_subnet_id": ("azure",),
    "log_analytics_id": ("azure",),
}


class ModelStore(pulumi.ComponentResource):
    """A versioned bucket, encrypted, closed to the public and to plain HTTP: Amazon S3 with a KMS key of its own,
    Google Cloud Storage, or Azure Blob Storage, from one declaration.

    The files of a model lie below ``<department>/<model>/``; :class:`ModelUpload` fills it, and says how. With ``lock``
    nothing in it can be changed or deleted for some time, and ``pulumi destroy`` leaves the store behind: deleting it
    would fail halfway.

    Raises:
        InvalidEnvironment: an argument is wrong, or asks for something that the cloud's storage does not have.
        NoGcpSdk, NoAzureSdk: the SDK of that cloud is not installed.
    """

    bucket: pulumi.Output[str]
    """Name of the bucket, on Azure of the container; known once its policies stand."""
    bucket_arn: pulumi.Output[str]
    """ARN of the bucket; on Google Cloud its name, on Azure the resource id of the storage account."""
    kms_key_arn: pulumi.Output[str]
    """Key that its objects are encrypted with; empty for the cloud's own."""
    url: pulumi.Output[str]
    """Address of the store: s3://..., gs://... or https://<account>.blob.core.windows.net/<container>."""
    account: pulumi.Output[str]
    """Name of the storage account on Azure; empty elsewhere."""

    def __init__(self, name: str, args: ModelStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"ModelStore {name}"
        declared = read_arguments(ModelStoreDeclaration, args, ModelStoreArgs, component)
        ownership = Ownership.of(args["ownership"])
        cloud = _checked(args, declared, ownership, component)
        make = _maker(cloud)
        super().__init__("modelyard:index:ModelStore", name, {}, opts)
        # Whatever guards locked objects has to stay as long as they do.
        child = pulumi.ResourceOptions(parent=self, retain_on_delete=True if declared.lock is not None else None)
        made = make(name, declared, args, ownership, child)
        self.bucket, self.bucket_arn, self.kms_key_arn = made.bucket, made.identifier, made.kms_key
        self.url, self.account = made.url, made.account
        self.register_outputs(
            {
                "bucket": self.bucket,
                "bucketArn": self.bucket_arn,
                "kmsKeyArn": self.kms_key_arn,
                "url": self.url,
                "account": self.account,
            }
        )


def _maker(cloud: Cloud) -> Any:
    """The file of that cloud, whose SDK nobody else pays for."""
    if cloud == "gcp":
        from .gcs_store import gcs_store

        return gcs_store
    if cloud == "azure":
        from .blob_store import blob_store

        return blob_store
    from .s3_store import s3_store

    return s3_store


def _checked(args: ModelStoreArgs, declared: ModelStoreDeclaration, ownership: Ownership, component: str) -> Cloud:
    given, region = args.get("cloud", "aws"), args["region"]
    if given not in STORE:
        raise InvalidEnvironment([Problem(component, "cloud", unknown("a cloud", given, STORE))])
    cloud = cast(Cloud, given)
    problems = [
        Problem(component, path, message)
        for path, message in store_problems(
            declared, cloud, args["organization"], ownership.environment, region, args.get("replica_region")
        )
    ]
    whose = cloud_of_region(region)
    if whose is None:
        problems.append(Problem(component, "region", unknown_region(region)))
    elif whose != cloud:
        problems.append(Problem(component, "region", f"{region!r} is no region of {cloud}; write cloud: {whose}"))
    for key, clouds in _ONLY.items():
        if key in args and cloud not in clouds:
            problems.append(
                Problem(component, key, f"is an argument of cloud: {' or '.join(clouds)}, not {cloud}; delete it")
            )
    if cloud == "azure":
        needed = {
            "resource_group": "Azure Blob Storage",
            **({"key_vault_id": "kms_key", "subscription_id": "kms_key"} if "kms_key" in args else {}),
            **({"log_analytics_id": "access_logs"} if declared.access_logs else {}),
        }
        if args.get("zone_redundant") and without_zones(cloud, region):
            message = f"needs zones, and {region} has none; write false, or delete it"
            problems.append(Problem(component, "zone_redundant", message))
        problems += [
            Problem(component, key, f"is missing, and {why} needs it; add it")
            for key, why in needed.items()
            if args.get(key) is None
        ]
    told = {problem.path for problem in problems}
    problems += [problem for problem in form_problems(component, cloud, args) if problem.path not in told]
    if problems:
        raise InvalidEnvironment(problems)
    return cloud
