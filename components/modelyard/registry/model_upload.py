"""The files of one model in the model store."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import check_keys, key_problems
from ..governance.known_after import known_after
from ..governance.ownership import Ownership, OwnershipArgs


class UploadedFileArgs(TypedDict):
    """One file of a model's repository."""

    key: str
    """Path below the repository's root, for example ``tagger/1/model.onnx``."""
    sha256: str
    """Hexadecimal digest of its content; another digest is another object."""
    object: NotRequired[str]
    """Where it lies below the model's prefix, for whoever copies a folder as it lies: it has to be another when the
    content is another. Default: ``<first 16 digits of sha256>/<key>``."""
    path: NotRequired[str]
    """Where it lies: as given, best relative to the program's working directory, since plans show it."""
    text: NotRequired[str]
    """Its content, where it is written by the program; instead of path."""


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
    """Objects ``<department>/<model>/<first 16 digits of the file's SHA-256>/<key>``, or where a file says; whoever
    serves the model waits for ``url``.

    An object never changes: a file with another content is another object and another Pulumi resource. So a file that
    stays is not uploaded again, however often the others change; a pod of the version before, started again while the
    next one rolls out, finds its own files; and Pulumi deletes what nobody names any more when everything else is done,
    after the roll. Were the resource one and the same with another key, a roll that fails and is taken back would leave
    a replacement half done, whose deletion then meets the very object that is served again.

    The digest comes before the file's own path, and not in its place, so that people can read the bucket and two files
    of one content stay two. Sixteen digits tell files of one path apart; who downloads checks all sixty-four.

    Raises:
        InvalidEnvironment: an argument is missing or unknown.
    """

    url: pulumi.Output[str]
    """``s3://<bucket>/<department>/<model>``; known once every file is there."""

    def __init__(self, name: str, args: ModelUploadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"ModelUpload {name}"
        check_keys(args, ModelUploadArgs, component)
        _check_contents(args["files"], component)
        ownership = Ownership.of(args["ownership"]).of_model(args["model"])
        super().__init__("modelyard:index:ModelUpload", name, {}, opts)
        prefix = model_prefix(ownership.department, args["model"])
        self.objects = [
            aws.s3.BucketObjectv2(
                f"{name}-{_place(file)}",
                bucket=args["bucket"],
                key=f"{prefix}/{_place(file)}",
                source=_content(file),
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


def object_key(key: str, sha256: str) -> str:
    """Where a file lies below its model's prefix: ``key`` is its path below the repository's root."""
    return f"{sha256[:16]}/{key}"


def _place(file: UploadedFileArgs) -> str:
    return file.get("object") or object_key(file["key"], file["sha256"])


def _check_contents(files: Sequence[UploadedFileArgs], component: str) -> None:
    problems: list[Problem] = []
    for number, file in enumerate(files):
        at = f"files[{number}]"
        for problem in key_problems(file, UploadedFileArgs, component):
            problems.append(replace(problem, path=f"{at}.{problem.path}"))
        if ("path" in file) == ("text" in file):
            problems.append(Problem(component, at, "needs either path or text; give one of them"))
    if problems:
        raise InvalidEnvironment(problems)


def _content(file: UploadedFileArgs) -> pulumi.Asset:
    return pulumi.StringAsset(file["text"]) if "text" in file else pulumi.FileAsset(file.get("path", ""))
