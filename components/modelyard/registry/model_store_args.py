"""Arguments of a model store, as other Pulumi languages see them."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs


class StoreLockArgs(TypedDict):
    """Write once: what is stored can neither be changed nor deleted for some time."""

    mode: NotRequired[str]
    """governance: who has a right of its own can end it. compliance: nobody can, the account's owner neither. Default:
    governance."""
    days: int
    """How long, from when an object was stored."""


class ModelStoreArgs(TypedDict):
    """A bucket for models, in one region."""

    cloud: NotRequired[str]
    """aws, gcp or azure. Default: aws."""
    region: str
    """Region or location; an environment has a store in every region that has a cluster."""
    organization: str
    """First part of the bucket's name, <organization>-<environment>-models-<region>, unique in the world."""
    expire_old_versions_days: NotRequired[int]
    """Overwritten or deleted objects can be restored for so long. Default: 365."""
    archive_old_versions_days: NotRequired[int]
    """Overwritten or deleted objects move to cheaper storage after so long. Default: never."""
    lock: NotRequired[StoreLockArgs]
    """Whether objects are locked. A locked store outlives its stack: ``pulumi destroy`` leaves it and its key behind.
    Default: not locked."""
    access_logs: NotRequired[bool]
    """Whether reads and writes are logged: into a second bucket on AWS and Google Cloud, into Log Analytics on
    Azure. Default: false."""
    access_log_days: NotRequired[int]
    """How long these logs stay. Default: 90."""
    replica_region: NotRequired[str]
    """Further region of the same cloud that gets a copy of every object: any on AWS, one of the same continent on
    Google Cloud, the paired one on Azure. Default: none."""
    force_destroy: NotRequired[bool]
    """Lets ``pulumi destroy`` delete a bucket that still holds models. For development only. Default: false."""
    expire_captured_days: NotRequired[Mapping[str, int]]
    """AWS: by folder, which ends with a slash, days after which what endpoints have captured there is deleted. Default:
    nothing is."""
    project: NotRequired[str]
    """Google Cloud: id of the project. Default: the provider's."""
    project_number: NotRequired[str]
    """Google Cloud: number of the project; then Cloud Storage's own account is given its rights to kms_key. Default:
    somebody else gives them."""
    kms_key: NotRequired[str]
    """Google Cloud: the Cloud KMS key of all objects. Azure: a key of Key Vault without its version. Default: AWS makes
    a key of the store's own, the others use the cloud's."""
    key_vault_id: NotRequired[str]
    """Azure: resource id of the vault of kms_key, which has purge protection; needed beside it."""
    resource_group: NotRequired[pulumi.Input[str]]
    """Azure: name of the resource group; needed there."""
    subscription_id: NotRequired[str]
    """Azure: id of the subscription; needed beside kms_key."""
    zone_redundant: NotRequired[bool]
    """Azure: whether objects lie in several zones of the location. Default: true where it has zones."""
    shared_keys: NotRequired[bool]
    """Azure: whether the storage account takes its keys, which Pulumi uploads files with. Default: true."""
    public_network: NotRequired[bool]
    """Azure: whether the storage account can be reached from the internet, by who may. Default: true."""
    private_subnet_id: NotRequired[pulumi.Input[str]]
    """Azure: subnet that gets a private endpoint of the store. Default: none."""
    log_analytics_id: NotRequired[pulumi.Input[str]]
    """Azure: resource id of the Log Analytics workspace; needed beside access_logs."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
