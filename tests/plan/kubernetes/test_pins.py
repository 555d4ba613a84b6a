"""Charts and images of the catalogue, as their registries have them. Needs a network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest
from modelyard.catalog import charts, images
from modelyard.catalog.refresh.chart_check import check_charts
from modelyard.catalog.refresh.chart_registry import ChartRegistries
from modelyard.catalog.table import rows

CHARTS = [row["name"] for row in rows("charts.csv")]
IMAGES = [row["name"] for row in rows("images.csv") if row["digest"]]
REGISTRIES = ChartRegistries()
"""Each index is fetched once."""
_MANIFESTS = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "docker.distribution.manifest.list.v2",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.v2",
    )
)
_HOSTS = {"docker.io": "registry-1.docker.io"}
_SECONDS = 20


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("registry.k8s.io/pause:3.10.1", "https://registry.k8s.io/v2/pause/manifests/3.10.1"),
        (
            "docker.io/tensorflow/serving:2.19.1",
            "https://registry-1.docker.io/v2/tensorflow/serving/manifests/2.19.1",
        ),
    ],
)
def test_where_a_registry_has_a_manifest(reference: str, url: str) -> None:
    assert manifest_url(reference) == url


@pytest.mark.whole
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_has_the_pinned_version_and_digest(name: str) -> None:
    (checked,) = check_charts([charts.get(name)], REGISTRIES)
    if checked.verdict == "unreachable":
        pytest.skip(f"nothing to compare pins with: {checked.why}")
    assert checked.verdict in ("same", "new"), checked


@pytest.mark.whole
@pytest.mark.parametrize("name", IMAGES)
def test_an_image_has_the_pinned_digest(name: str) -> None:
    assert digest(images.get(name).reference) == images.get(name).digest


def manifest_url(reference: str) -> str:
    """Of the OCI distribution specification, for ``<registry>/<repository>:<tag>``."""
    host, _, rest = reference.partition("/")
    repository, _, tag = rest.rpartition(":")
    return f"https://{_HOSTS.get(host, host)}/v2/{repository}/manifests/{tag}"


def digest(reference: str) -> str:
    """What the registry calls the manifest of a tag."""
    url = manifest_url(reference)
    headers = {"Accept": _MANIFESTS}
    try:
        return _head(url, headers)
    except HTTPError as error:
        if error.code != 401:
            raise
        asked = error.headers["WWW-Authenticate"]
    parts = dict(re.findall(r'(\w+)="([^"]*)"', asked))
    token_url = f"{parts['realm']}?service={parts.get('service', '')}&scope={parts.get('scope', '')}"
    with urlopen(token_url, timeout=_SECONDS) as answer:
        told = json.load(answer)
    return _head(url, {**headers, "Authorization": f"Bearer {told.get('token') or told['access_token']}"})


def _head(url: str, headers: Mapping[str, str]) -> str:
    try:
        with urlopen(Request(url, headers=dict(headers), method="HEAD"), timeout=_SECONDS) as answer:
            return answer.headers["Docker-Content-Digest"]
    except HTTPError:
        raise
    except (URLError, TimeoutError) as error:
        pytest.skip(f"nothing to compare pins with: {url} does not answer: {error}")
