"""What ``import modelyard`` offers, and what it costs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import modelyard
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

COMPONENTS = Path(modelyard.__file__).parents[1]


@pytest.mark.parametrize("name", [name for name in modelyard.__all__ if name != "version"])
def test_every_public_name_is_there_and_documented(name: str) -> None:
    offered = getattr(modelyard, name)
    assert offered.__name__ == name
    assert offered.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'modelyard' has no attribute 'GpuNodePol'"):
        modelyard.GpuNodePol  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import json, sys, modelyard; print(json.dumps([n for n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(COMPONENTS)}
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded & {"pulumi", "pulumi_aws", "pulumi_kubernetes", "pydantic", "rich", "plotly", "yaml"} == set()


def test_every_component_can_be_used_from_other_languages() -> None:
    components = [getattr(modelyard, name) for name in modelyard.COMPONENTS]
    described = Analyzer("modelyard").analyze(components)
    assert sorted(described["component_definitions"]) == sorted(modelyard.COMPONENTS)
