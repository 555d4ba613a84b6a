"""The floor: import the same SDK submodules and register the same resources, against a monitor that does nothing.

``python benchmarks/floor.py PLAN.json`` reads the resources of a plan and registers each through its SDK class, as a
bare script would: no checks, no policies, no prices, no rendering.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import settings
from pulumi.runtime.proto import engine_pb2, resource_pb2
from pulumi.runtime.stack import run_in_stack


class IdleMonitor:
    """Answers every registration with what was sent."""

    def SupportsFeature(self, request: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)

    def GetDeploymentInfo(self, request: Any) -> Any:
        features = [value for name, value in vars(resource_pb2).items() if name.startswith("RESOURCE_MONITOR_FEATURE_")]
        return resource_pb2.DeploymentInfo(project="floor", dryRun=True, supportedFeatures=features)

    def RegisterResource(self, request: Any) -> Any:
        urn = f"urn:pulumi:floor::floor::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=request.object)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request: Any) -> Any:
        return empty_pb2.Empty()

    def Log(self, request: Any) -> Any:
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any) -> Any:
        return engine_pb2.GetRootResourceResponse(urn="")

    def SetRootResource(self, request: Any) -> Any:
        return engine_pb2.SetRootResourceResponse()


def main(plan: Path) -> None:
    resources = json.loads(plan.read_text())["resources"]
    stacks: dict[str, list[dict[str, Any]]] = {}
    for resource in resources:
        stacks.setdefault(resource["stack"], []).append(resource)
    for stack, declared in stacks.items():
        monitor = IdleMonitor()
        settings.configure(
            settings.Settings(project="floor", stack=stack, monitor=monitor, engine=monitor, dry_run=True)
        )
        loop = asyncio.new_event_loop()
        loop.run_until_complete(run_in_stack(lambda declared=declared: register(declared)))
        loop.close()


def register(resources: list[dict[str, Any]]) -> None:
    made: dict[str, pulumi.Resource] = {}
    for resource in resources:
        token = resource["type"]
        if token in ("pulumi:pulumi:Stack", "pulumi:providers:pulumi"):
            continue
        parent = made.get(resource["parent"])
        options = pulumi.ResourceOptions(parent=parent) if parent else pulumi.ResourceOptions()
        made[resource["urn"]] = construct(token, resource["name"], resource["inputs"], options)


def construct(token: str, name: str, inputs: dict[str, Any], options: pulumi.ResourceOptions) -> pulumi.Resource:
    package, module, kind = token.split(":")
    if package == "pulumi" and module == "providers":
        return importlib.import_module(f"pulumi_{kind}").Provider(name, opts=options)
    if package == "pulumi":
        return pulumi.CustomResource(token, name, inputs, options)
    if package == "aws":
        cls = getattr(importlib.import_module(f"pulumi_aws.{module.split('/')[0]}"), kind)
    elif package == "kubernetes":
        cls = kubernetes_class(module, kind)
        if cls is None:
            from pulumi_kubernetes.apiextensions import CustomResource

            fields = {key: value for key, value in inputs.items() if key not in ("apiVersion", "kind")}
            return CustomResource(name, api_version=inputs["apiVersion"], kind=kind, opts=options, **fields)
    else:
        return pulumi.ComponentResource(token, name, None, options)
    known = parameters(cls)
    keywords = {word: value for key, value in inputs.items() if (word := snake(key)) in known}
    return cls(name, opts=options, **keywords)


@cache
def parameters(cls: Any) -> frozenset[str]:
    """What the class takes; a provider's own additions to the inputs (tagsAll) are not among them."""
    return frozenset(inspect.signature(cls._internal_init).parameters)


def kubernetes_class(module: str, kind: str) -> type | None:
    path = re.sub(r"\.k8s\.io|\.sh", "", module).replace("/", ".")
    try:
        return getattr(importlib.import_module(f"pulumi_kubernetes.{path}"), kind, None)
    except ModuleNotFoundError:
        return None


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
