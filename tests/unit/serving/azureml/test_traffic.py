"""Traffic between versions, and the template that sets it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from modelyard.catalog.table import rows
from modelyard.environment.azureml import name_problem
from modelyard.environment.rollout import Rollout
from modelyard.serving.azureml.traffic import (
    API_VERSION,
    deployment_name,
    endpoint_template,
    mirror_traffic,
    rollout_problems,
    traffic,
)


@pytest.mark.parametrize(
    ("versions", "rollout", "shares", "mirrored"),
    [
        ([3], None, {"v3-f4s-v2": 100}, {}),
        ([3, 2], None, {"v2-f4s-v2": 0, "v3-f4s-v2": 100}, {}),
        ([3, 4], {"stable": 3, "canary": 4}, {"v3-f4s-v2": 100, "v4-f4s-v2": 0}, {}),
        ([3, 4], {"stable": 3, "canary": 4, "percent": 10}, {"v3-f4s-v2": 90, "v4-f4s-v2": 10}, {}),
        ([3, 4], {"stable": 3, "canary": 4, "percent": 100}, {"v3-f4s-v2": 0, "v4-f4s-v2": 100}, {}),
        (
            [3, 4],
            {"stable": 3, "canary": 4, "mirror_percent": 50},
            {"v3-f4s-v2": 100, "v4-f4s-v2": 0},
            {"v4-f4s-v2": 50},
        ),
        # A deployment gets answers or copies, never both.
        (
            [3, 4],
            {"stable": 3, "canary": 4, "percent": 10, "mirror_percent": 50},
            {"v3-f4s-v2": 90, "v4-f4s-v2": 10},
            {},
        ),
        ([2, 3, 4], {"stable": 3, "canary": 4, "percent": 50}, {"v2-f4s-v2": 0, "v3-f4s-v2": 50, "v4-f4s-v2": 50}, {}),
    ],
)
def test_every_request_goes_somewhere(
    versions: list[int], rollout: dict[str, Any] | None, shares: dict[str, int], mirrored: dict[str, int]
) -> None:
    declared = None if rollout is None else Rollout.model_validate(rollout)
    deployments = {version: deployment_name(version, "Standard_F4s_v2") for version in versions}
    assert traffic(deployments, 3, declared) == shares
    assert sum(shares.values()) == 100
    assert mirror_traffic(deployments, declared) == mirrored


@pytest.mark.parametrize(
    ("version", "instance_type", "name"),
    [
        (3, "Standard_DS3_v2", "v3-ds3-v2"),
        (12, "Standard_ND96amsr_A100_v4", "v12-nd96amsr-a100-v4"),
        (1, None, "v1-default"),
        (1, "gpu-large", "v1-gpu-large"),
    ],
)
def test_a_deployment_is_called_by_its_version_and_size(version: int, instance_type: str | None, name: str) -> None:
    assert deployment_name(version, instance_type) == name


@pytest.mark.parametrize("instance_type", [row["instance_type"] for row in rows("azureml_instances.csv")])
def test_the_names_of_deployments_are_azures(instance_type: str) -> None:
    assert name_problem(deployment_name(1, instance_type), "a deployment") is None
    assert name_problem(deployment_name(10**9, instance_type), "a deployment") is None


_ALONE = {"stable": 3, "canary": 4}


@pytest.mark.parametrize(
    ("rollout", "versions", "stable", "arc", "problems"),
    [
        (None, [3], 3, False, []),
        (None, [2, 1], 3, False, ["version is 3, which is none of versions (1, 2); add it there"]),
        (_ALONE, [3], 3, False, ["rollout.canary is 4, which is none of versions (3); add it there"]),
        (_ALONE, [4], 3, False, ["rollout.stable is 3, which is none of versions (4); add it there"]),
        (_ALONE, [3, 4], 4, False, ["version is 4 and rollout.stable 3; write the same version in both"]),
        (
            {**_ALONE, "by": "flagger"}, [3, 4], 3, False,
            ["rollout.by is flagger, which moves traffic on Kubernetes; Azure ML takes gateway"],
        ),
        (
            {**_ALONE, "mirror_percent": 51}, [3, 4], 3, False,
            ["rollout.mirror_percent 51 is more than the 50 % that Azure ML copies; lower it"],
        ),
        ({**_ALONE, "mirror_percent": 50}, [3, 4], 3, False, []),
        (
            {**_ALONE, "mirror_percent": 5}, [3, 4], 3, True,
            ["rollout.mirror_percent is for managed endpoints; one on an Arc cluster copies no requests: delete it"],
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_rolled_out_is_said(
    rollout: dict[str, Any] | None, versions: list[int], stable: int, arc: bool, problems: list[str]
) -> None:
    declared = None if rollout is None else Rollout.model_validate(rollout)
    assert rollout_problems(declared, versions, stable, arc=arc) == problems


def test_the_template_puts_the_whole_endpoint() -> None:
    template = endpoint_template(
        auth_mode="AMLToken",
        public_access=True,
        kind="K8S",
        tags={"model": "sentiment"},
        traffic={"v3-f4s-v2": 100},
        mirror_traffic={},
        has_compute=True,
    )
    [resource] = template["resources"]
    used = {match for text in re.findall(r"\[[^\[\]]*\]", repr(template)) for match in re.findall(r"'(\w+)'\)", text)}
    assert used == set(template["parameters"]) == {"endpoint", "location", "identity", "compute"}
    assert resource["properties"] == {
        "authMode": "AMLToken",
        "publicNetworkAccess": "Enabled",
        "traffic": {"v3-f4s-v2": 100},
        "mirrorTraffic": {},
        "compute": "[parameters('compute')]",
    }
    assert resource["tags"] == {"model": "sentiment"}


def test_the_template_speaks_the_version_of_the_api_that_the_sdk_does() -> None:
    learning = pytest.importorskip("pulumi_azure_native.machinelearningservices")
    said = re.search(r"Uses Azure REST API version ([\d-]+\d)", learning.OnlineEndpoint.__init__.__doc__ or "")
    if said is None:
        from pathlib import Path

        source = Path(learning.__path__[0], "online_endpoint.py").read_text(encoding="utf-8")
        said = re.search(r"Uses Azure REST API version ([\d-]+\d)", source)
    assert said is not None
    assert said[1] == API_VERSION
