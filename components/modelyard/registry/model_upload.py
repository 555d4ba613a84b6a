"""The files of one model in the model store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NotRequired, TypedDict

import pulumi

from ..environment.known_name import unknown
from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import check_keys, key_problems
from ..governance.google_sdk import google
from ..governance.known_after import known_after
from ..governance.ownership import Ownership, OwnershipArgs

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "aws": ("kms_key_arn",),
    "gcp": (),
    "azure": ("account", "resource_group"),
}
"""Arguments that a cloud cannot do without."""


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

    cloud: NotRequired[str]
    """aws, gcp or azure. Default: aws."""
    region: str
    """Region of the bucket."""
    bucket: pulumi.Input[str]
    """Name of the bucket, for example ModelStore's; on Azure of the container."""
    kms_key_arn: NotRequired[pulumi.Input[str]]
    """Key of the bucket; needed on AWS, elsewhere the bucket knows it."""
    account: NotRequired[pulumi.Input[str]]
    """Azure: name of the storage account; needed there."""
    resource_group: NotRequired[pulumi.Input[str]]
    """Azure: resource group of the storage account; needed there."""
    locked: NotRequired[bool]
    """Whether the bucket locks its objects: then nobody deletes them, and Pulumi forgets them instead. Default:
    false."""
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
    """``s3://<bucket>/<department>/<model>``, ``gs://...`` or ``https://<account>.blob.core.windows.net/<container>/...``;
    known once every file is there."""

    def __init__(self, name: str, args: ModelUploadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"ModelUpload {name}"
        check_keys(args, ModelUploadArgs, component)
        _check_contents(args["files"], component)
        cloud = _checked_cloud(args, component)
        ownership = Ownership.of(args["ownership"]).of_model(args["model"])
        super().__init__("modelyard:index:ModelUpload", name, {}, opts)
        prefix = model_prefix(ownership.department, args["model"])
        here = pulumi.ResourceOptions(parent=self, retain_on_delete=True if args.get("locked") else None)
        put = {"aws": _to_s3, "gcp": _to_google, "azure": _to_azure}[cloud]
        self.objects = [put(f"{name}-{_place(file)}", prefix, file, args, ownership, here) for file in args["files"]]
        self.url = known_after(pulumi.Output.concat(_root(cloud, args), f"/{prefix}"), self.objects)
        self.register_outputs({"url": self.url})


def model_prefix(department: str, model: str) -> str:
    """Where a model lies in the store."""
    return f"{department}/{model}"


def object_key(key: str, sha256: str) -> str:
    """Where a file lies below its model's prefix: ``key`` is its path below the repository's root."""
    return f"{sha256[:16]}/{key}"


def _place(file: UploadedFileArgs) -> str:
    return file.get("object") or object_key(file["key"], file["sha256"])


def _root(cloud: str, args: ModelUploadArgs) -> pulumi.Output[str]:
    if cloud == "azure":
        return pulumi.Output.concat("https://", args.get("account", ""), ".blob.core.windows.net/", args["bucket"])
    return pulumi.Output.concat("gs://" if cloud == "gcp" else "s3://", args["bucket"])


def _to_s3(
    name: str,
    prefix: str,
    file: UploadedFileArgs,
    args: ModelUploadArgs,
    ownership: Ownership,
    here: pulumi.ResourceOptions,
) -> pulumi.CustomResource:
    import pulumi_aws as aws

    return aws.s3.BucketObjectv2(
        name,
        bucket=args["bucket"],
        key=f"{prefix}/{_place(file)}",
        source=_content(file),
        source_hash=file["sha256"],
        checksum_algorithm="SHA256",
        server_side_encryption="aws:kms",
        kms_key_id=args.get("kms_key_arn"),
        bucket_key_enabled=True,
        region=args["region"],
        tags=ownership.aws_tags(),
        opts=here,
    )


def _to_google(
    name: str,
    prefix: str,
    file: UploadedFileArgs,
    args: ModelUploadArgs,
    ownership: Ownership,
    here: pulumi.ResourceOptions,
) -> pulumi.CustomResource:
    """Objects of Cloud Storage have no labels, and metadata that change make another object of the same name."""
    return google("ModelUpload", "storage").BucketObject(
        name,
        bucket=args["bucket"],
        name=f"{prefix}/{_place(file)}",
        source=_content(file),
        opts=here,
    )


def _to_azure(
    name: str,
    prefix: str,
    file: UploadedFileArgs,
    args: ModelUploadArgs,
    ownership: Ownership,
    here: pulumi.ResourceOptions,
) -> pulumi.CustomResource:
    """Blobs have no tags that Pulumi sets; metadata says whose they are, by names that C# would take."""
    from ..governance.azure_sdk import azure

    owners = {key.replace("-", "_"): value for key, value in ownership.aws_tags().items()}
    return azure("ModelUpload", "storage").Blob(
        name,
        account_name=args.get("account"),
        container_name=args["bucket"],
        resource_group_name=args.get("resource_group"),
        blob_name=f"{prefix}/{_place(file)}",
        type="Block",
        source=_content(file),
        metadata={**owners, "sha256": file["sha256"]},
        opts=here,
    )


def _checked_cloud(args: ModelUploadArgs, component: str) -> str:
    cloud = args.get("cloud", "aws")
    if cloud not in _NEEDED:
        raise InvalidEnvironment([Problem(component, "cloud", unknown("a cloud", cloud, _NEEDED))])
    problems = [
        Problem(component, key, f"is missing, and an upload to cloud: {cloud} needs it; add it")
        for key in _NEEDED[cloud]
        if key not in args
    ]
    if problems:
        raise InvalidEnvironment(problems)
    return cloud


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
