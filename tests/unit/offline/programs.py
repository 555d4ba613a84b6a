"""Short forms for programs under test: resources by type token, so that no provider's SDK has to load."""

from __future__ import annotations

from typing import Any

import pulumi
from modelyard.graph import Secret
from modelyard.offline import Run, run

REPOSITORY = "aws:ecr/repository:Repository"
BUCKET = "aws:s3/bucket:Bucket"
CONFIG: dict[str, str | Secret] = {"aws:region": "us-east-1"}


def resource(
    token: str, name: str, opts: pulumi.ResourceOptions | None = None, /, **inputs: Any
) -> pulumi.CustomResource:
    """A custom resource that also has the outputs that tests read."""
    computed = dict.fromkeys(("arn", "repositoryUrl", "keyId", "secretString", "metadata", "resources"))
    return pulumi.CustomResource(token, name, {**computed, **inputs}, opts)


def output(resource: pulumi.CustomResource, name: str) -> pulumi.Output[Any]:
    return resource.__dict__[name]


def repository(name: str, opts: pulumi.ResourceOptions | None = None, /, **inputs: Any) -> pulumi.CustomResource:
    return resource(REPOSITORY, name, opts, **inputs)


def provider(name: str, package: str = "aws", /, **inputs: Any) -> pulumi.ProviderResource:
    return pulumi.ProviderResource(package, name, inputs)


class Group(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("test:index:Group", name, {}, opts)


def run_program(program: Any, **options: Any) -> Run:
    options = {"project": "shop", "stack": "dev", "config": CONFIG, **options}
    return run(program, **options)


def urn(qualified_type: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::{qualified_type}::{name}"
