"""The files of one model in the model store."""

from collections.abc import Sequence
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from ..governance.arguments import check_keys
from ..governance.known_after import known_after
from ..governance.ownership import Ownership, OwnershipArgs


class UploadedFileArgs(TypedDict):
    """One file of a model's folder."""

    key: str
    """Path below the model's prefix, for example ``1/model.onnx``."""
    path: str
    """Where it lies: as given, best relative to the program's working directory, since plans show it."""
    sha256: str
    """Hexadecimal digest of its content; another digest uploads it again."""


class ModelUploadArgs(TypedDict):
    """Files of one model, uploaded by the stack of the department that owns it."""

    region: str
    """AWS region of the bucket."""
    bucket: pulumi.Input[str]
    """Name of the bucket, for example ModelStore's."""
    kms_key_arn: pulumi.Input[str]
    """Key of the bucket."""
    model: str
    """Name of the model."""
    files: Sequence[UploadedFileArgs]
    """The files."""
    ownership: OwnershipArgs
    """The department; its name is the first part of the keys."""


class ModelUpload(pulumi.ComponentResource):
    """Objects ``<department>/<model>/<key>``; whoever serves the model waits for ``url``.

    Raises:
        InvalidEnvironment: an argument is missing or unknown.
    """

    url: pulumi.Output[str]
    """``s3://<bucket>/<department>/<model>``; known once every file is there."""

    def __init__(self, name: str, args: ModelUploadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_keys(args, ModelUploadArgs, f"ModelUpload {name}")
        ownership = Ownership.of(args["ownership"]).of_model(args["model"])
        super().__init__("modelyard:index:ModelUpload", name, {}, opts)
        prefix = model_prefix(ownership.department, args["model"])
        self.objects = [
            aws.s3.BucketObjectv2(
                f"{name}-{file['key']}",
                bucket=args["bucket"],
                key=f"{prefix}/{file['key']}",
                source=pulumi.FileAsset(file["path"]),
                source_hash=file["sha256"],
                checksum_algorithm="SHA256",
                server_side_encryption="aws:kms",
                kms_key_id=args["kms_key_arn"],
                bucket_key_enabled=True,
                region=args["region"],
                tags=ownership.aws_tags(),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for file in args["files"]
        ]
        self.url = known_after(pulumi.Output.concat("s3://", args["bucket"], f"/{prefix}"), self.objects)
        self.register_outputs({"url": self.url})


def model_prefix(department: str, model: str) -> str:
    """Where a model lies in the store."""
    return f"{department}/{model}"
