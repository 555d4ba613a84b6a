"""A plan imports no part of the SDKs that its resources and functions do not need."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from modelyard.review.build import plan

ROOT = Path(__file__).resolve().parents[2]
STACKS = ROOT / "stacks"
THREE_CLOUDS = ROOT / "examples" / "three-clouds"
CLUSTER_ON = {"aws": "virginia", "gcp": "iowa", "azure": "dublin"}
SDK = {"aws": "pulumi_aws", "gcp": "pulumi_gcp", "azure": "pulumi_azure_native"}
_REPORT = """
import json, sys
from pathlib import Path
from modelyard.review.build import plan
stacks = Path(sys.argv[1])
plan(stacks / "dev", stacks)
print(json.dumps(sorted(name for name in sys.modules if name.startswith(("pulumi_aws.", "pulumi_kubernetes.")))))
"""


def services(modules: list[str]) -> set[str]:
    """Services of ``pulumi_aws`` of which more than the package itself was loaded: a resource or a function."""
    return {name.split(".")[1] for name in modules if name.startswith("pulumi_aws.") and name.count(".") > 1}


def test_a_plan_loads_the_services_that_it_declares_and_no_others() -> None:
    done = subprocess.run([sys.executable, "-c", _REPORT, str(STACKS)], capture_output=True, text=True, check=True)
    loaded = services(json.loads(done.stdout.splitlines()[-1]))
    bare = subprocess.run(
        [sys.executable, "-c", "import json, sys, pulumi_aws; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    always = services([name for name in json.loads(bare.stdout) if name.startswith("pulumi_aws.")])
    document = plan(STACKS / "dev", STACKS)
    types = {resource.type for stack in document.stacks for resource in stack.graph}
    declared = {kind.split(":")[1].split("/")[0] for kind in types if kind.startswith("aws:")}
    assert loaded - always - declared == set()
    assert declared - loaded == set()


_PARTS = """
import json, sys
from pathlib import Path
from modelyard.review.build import plan
stacks = Path(sys.argv[1])
plan(stacks / "prod", stacks)
clouds = ("pulumi_aws", "pulumi_gcp", "pulumi_azure_native")
folders = {name.split(".")[2] for name in sys.modules if name.startswith("modelyard.capacity.")}
folders &= {"eks", "gke", "aks", "karpenter"}
print(json.dumps([[name for name in clouds if name in sys.modules], sorted(folders)]))
"""


@pytest.mark.parametrize(("cloud", "folder"), [("aws", "eks"), ("gcp", "gke"), ("azure", "aks")])
def test_a_plan_of_one_cloud_loads_nothing_of_the_others(cloud: str, folder: str, tmp_path: Path) -> None:
    example = tmp_path / "example"
    shutil.copytree(THREE_CLOUDS, example)
    file = example / "stacks" / "prod" / "platform.yaml"
    declared = yaml.safe_load(file.read_text())
    declared["clusters"] = [each for each in declared["clusters"] if each["name"] == CLUSTER_ON[cloud]]
    declared["quotas"] = [each for each in declared["quotas"] if each["cloud"] == cloud]
    file.write_text(yaml.safe_dump(declared))
    done = subprocess.run(
        [sys.executable, "-c", _PARTS, str(example / "stacks")], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [[SDK[cloud]], [folder]]


_WITHOUT = """
import sys
from pathlib import Path
sys.modules["pulumi_gcp"] = None
from modelyard.review.build import plan
from modelyard.review.refused import PlanRefused
stacks = Path(sys.argv[1])
try:
    plan(stacks / "prod", stacks)
except PlanRefused as refused:
    print(refused)
"""


def test_what_needs_an_sdk_that_is_not_installed_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, str(THREE_CLOUDS / "stacks")], capture_output=True, text=True, check=True
    )
    told = "stack prod-foundation: a GKE cluster needs the package pulumi-gcp; pip install modelyard[gcp]"
    assert done.stdout.strip() == told
