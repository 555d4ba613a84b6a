"""A plan imports no part of the SDKs that its resources and functions do not need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from modelyard.review.build import plan

STACKS = Path(__file__).resolve().parents[2] / "stacks"
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
