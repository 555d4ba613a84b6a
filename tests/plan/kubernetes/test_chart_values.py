"""Values of charts, held against the charts' own text where a Go module carries it: KServe's and Flagger's.

Helm ignores a value that no template asks for, so that a misspelt one would do nothing. tests/controlplane renders the
charts whole, where there is a Helm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from custom_resources import NoDefinitions, module_folder
from modelyard.capacity.software.flagger import flagger_values
from modelyard.capacity.software.kserve import kserve_values
from modelyard.catalog import charts

_HANDED_ON = ("containerSecurityContext", "context", "podAnnotations")
"""Objects of Kubernetes that templates copy whole."""
NODES = {"modelyard.dev/pool": "system"}
_RANGE = re.compile(r"\{\{-? range .*?\{\{-? end ?-?\}\}\n?(?=\s*\])", re.DOTALL)
_VALUE = re.compile(r"\{\{ (\.Values\.[\w.]+)(?: \| default (\.Values\.[\w.]+))? \}\}")


def chart(module: str, version: str, name: str) -> Path:
    try:
        return module_folder(module, version) / "charts" / name
    except NoDefinitions as error:
        pytest.skip(f"no chart to test against: {error}")


@pytest.fixture(scope="module")
def kserve() -> Path:
    return chart("github.com/kserve/kserve", charts.get("kserve-resources").version, "kserve-resources")


@pytest.fixture(scope="module")
def flagger() -> Path:
    return chart("github.com/fluxcd/flagger", f"v{charts.get('flagger').version}", "flagger")


def test_kserve_knows_every_value(kserve: Path) -> None:
    assert list(_unknown(kserve_values(system_nodes=NODES), _read(kserve / "values.yaml"))) == []


def test_flagger_knows_every_value(flagger: Path) -> None:
    values = flagger_values(system_nodes=NODES, scrape_interval_seconds=15)
    assert list(_unknown(values, _read(flagger / "values.yaml"))) == []


def test_a_value_that_no_chart_knows_is_found(flagger: Path) -> None:
    values = {
        "leaderElection": {"enabled": True, "replicas": 2},
        "meshprovider": "gatewayapi:v1",
        "nodeSelector": NODES,
    }
    assert list(_unknown(values, _read(flagger / "values.yaml"))) == ["leaderElection.replicas", "meshprovider"]


@pytest.mark.parametrize("name", ["kserve-crd", "kserve-resources"])
def test_charts_are_of_the_version_that_the_catalogue_pins(kserve: Path, name: str) -> None:
    published = _read(kserve.parent / name / "Chart.yaml")
    assert (published["name"], published["version"]) == (name, charts.get(name).version)


def test_kserve_is_configured_as_where_our_manifests_are_proven(kserve: Path) -> None:
    """The control plane of tests/controlplane runs KServe with what it publishes and two changes. The chart has a text
    of its own, and our values must come to the same, but for images, which it pins, and what is empty."""
    published = _read(kserve.parents[1] / "config" / "configmap" / "inferenceservice.yaml")["data"]
    proven = {key: json.loads(text) for key, text in published.items() if key != "_example"}
    proven["deploy"] = {"defaultDeploymentMode": "Standard"}
    proven["ingress"] |= {"disableIstioVirtualHost": True}
    template = (kserve / "files" / "common" / "configmap-patch.yaml").read_text(encoding="utf-8")
    values = _merged(_read(kserve / "values.yaml"), kserve_values(system_nodes=NODES))
    rendered = {key: json.loads(text) for key, text in yaml.safe_load(_rendered(template, values))["data"].items()}
    here, there = _flat(proven), _flat(rendered)
    differs = {path for path in {*here, *there} if here.get(path) != there.get(path)}
    pinned = {path for path in differs if path.endswith((".image", ".defaultJobImage", ".defaultImageVersion"))}
    assert differs - pinned == {
        # Names of Secrets' annotations and endpoints: pods have identities, and no Secrets of a store.
        "credentials.storageSecretNameAnnotation",
    }
    images = [str(there[path]) for path in pinned]
    assert all(image.endswith(charts.get("kserve-resources").version) for image in images)


def _read(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _unknown(values: Mapping[str, Any], published: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Paths that the chart's own values lack. What is empty there may hold anything, and so may what is handed on."""
    for key, value in values.items():
        if key not in published:
            yield f"{at}{key}"
        elif isinstance(value, Mapping) and published[key] and key not in _HANDED_ON:
            yield from _unknown(value, published[key], f"{at}{key}.")


def _merged(published: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    both = {key: value for key, value in published.items() if key in values and isinstance(value, Mapping)}
    return {**published, **values, **{key: _merged(value, values[key]) for key, value in both.items()}}


def _rendered(template: str, values: Mapping[str, Any]) -> str:
    """Of the little that this template asks of Go's: values, and a list that is empty."""

    def value(path: str) -> Any:
        found: Any = {"Values": values}
        for step in path.removeprefix(".").split("."):
            found = found[step]
        return found

    def text(match: re.Match[str]) -> str:
        found = value(match[1]) or (value(match[2]) if match[2] else value(match[1]))
        return found if isinstance(found, str) else json.dumps(found)

    plain = _RANGE.sub("", template)
    assert "{{" not in _VALUE.sub("", plain), "the template asks for more"
    return _VALUE.sub(text, plain)


def _flat(configuration: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    """What it says by path, without what says nothing."""
    found: dict[str, Any] = {}
    for key, value in configuration.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{at}{key}.")
        elif value not in ("", [], False):
            found[f"{at}{key}"] = value
    return found
