"""Nobody pays for parts of the SDK that his components do not use."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

MODULES = {
    "ec2": "pulumi_aws.ec2.vpc",
    "eks": "pulumi_aws.eks.cluster",
    "s3": "pulumi_aws.s3.bucket",
    "ecr": "pulumi_aws.ecr.repository",
    "iam": "pulumi_aws.iam.role",
    "sagemaker": "pulumi_aws.sagemaker.endpoint",
    "native": "pulumi_aws_native.sagemaker.model_package",
    "kubernetes": "pulumi_kubernetes.core.v1.pod",
}


COMPONENTS = [
    "network.network",
    "capacity.serving_cluster",
    "capacity.existing_cluster",
    "capacity.gpu_node_pool",
    "capacity.cpu_node_pool",
    "capacity.karpenter.controller",
    "registry.container_registry",
    "registry.model_store",
    "registry.model_upload",
    "governance.pod_identity_role",
    "cost.budget",
    "serving.sagemaker.endpoint",
]
OF_ANY_CLOUD = ["serving_cluster", "existing_cluster", "gpu_node_pool", "cpu_node_pool"]
CLOUDS = ("pulumi_aws", "pulumi_gcp", "pulumi_azure_native")


def test_importing_a_component_loads_no_service_of_the_sdk() -> None:
    assert loaded_by([f"modelyard.{each}" for each in COMPONENTS], MODULES.values()) == {}


def test_a_component_of_any_cloud_imports_the_sdk_of_none() -> None:
    assert loaded_by([f"modelyard.capacity.{each}" for each in OF_ANY_CLOUD], CLOUDS) == {}


def test_who_loads_one_is_found_among_those_who_do_not() -> None:
    """The control: one interpreter imports them all, and says of each what it was the first to load."""
    found = loaded_by(["modelyard.cost.budget", "pulumi_aws", "pulumi_aws.ecr.repository"], [*CLOUDS, MODULES["ecr"]])
    assert found == {"pulumi_aws": ["pulumi_aws"], "pulumi_aws.ecr.repository": [MODULES["ecr"]]}


def test_an_existing_network_loads_nothing_of_ec2() -> None:
    program = """
import pulumi
from modelyard.network.network import Network
from modelyard.offline import run
owner = {"department": "platform", "cost_center": "c", "environment": "prod", "owner": "a@b.example"}
existing = {"vpc_id": "vpc-0123456789abcdef0",
            "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]}
run(lambda: Network("n", {"region": "us-east-1", "existing": existing, "ownership": owner}) and None,
    project="p", stack="s")
"""
    assert loaded_after(program) == []


def test_what_is_looked_for_is_there_when_it_is_used() -> None:
    assert loaded_after("import pulumi_aws as aws; aws.ec2.Vpc") == ["ec2"]


def loaded_by(modules: Iterable[str], watched: Iterable[str]) -> dict[str, list[str]]:
    """By module, which of those that are watched a fresh interpreter has loaded with it, and not before it."""
    program = f"""
import importlib, json, sys
found, watched = {{}}, set({list(watched)!r})
for name in {list(modules)!r}:
    importlib.import_module(name)
    loaded = watched & set(sys.modules)
    watched -= loaded
    if loaded:
        found[name] = sorted(loaded)
print(json.dumps(found))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def loaded_after(program: str) -> list[str]:
    """Services of the SDK that a fresh interpreter has loaded after running the program."""
    report = f"import sys; print([name for name, module in {MODULES!r}.items() if module in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{program}\n{report}"], capture_output=True, text=True, check=True)
    return [name for name in MODULES if repr(name) in done.stdout]
