"""Nobody pays for parts of the SDK that his components do not use."""

from __future__ import annotations

import subprocess
import sys

import pytest

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


@pytest.mark.parametrize(
    "module",
    [
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
    ],
)
def test_importing_a_component_loads_no_service_of_the_sdk(module: str) -> None:
    assert loaded_after(f"import modelyard.{module}") == []


CLOUDS = ("pulumi_aws", "pulumi_gcp", "pulumi_azure_native")


@pytest.mark.parametrize("module", ["serving_cluster", "existing_cluster", "gpu_node_pool", "cpu_node_pool"])
def test_a_component_of_any_cloud_imports_the_sdk_of_none(module: str) -> None:
    program = f"import modelyard.capacity.{module}, sys; print([name for name in {CLOUDS!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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


def loaded_after(program: str) -> list[str]:
    """Services of the SDK that a fresh interpreter has loaded after running the program."""
    report = f"import sys; print([name for name, module in {MODULES!r}.items() if module in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{program}\n{report}"], capture_output=True, text=True, check=True)
    return [name for name in MODULES if repr(name) in done.stdout]
