"""A real Prometheus that has watched a gateway for hours: its past is written by promtool."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest

from .triton_server import fetch, free_ports

STEP_SECONDS = 15
_RULES = 4
"""In each of a route's three sets."""


@dataclass(frozen=True)
class Past:
    """A model's traffic until now."""

    model: str
    shares: Sequence[tuple[int, int]]
    """Minutes and percent, one after another."""
    per_minute: float = 600
    errors: float = 0.0
    """Share of the canary's answers that are server errors."""
    milliseconds: float = 20
    """The canary's answer time."""
    triton_failures: float = 0.0
    """Share of the canary's requests that its server counts as failed."""
    orders: Sequence[float] = ()
    """Values of ``orders``, a series each."""

    def series(self, namespace: str, now: int) -> dict[str, dict[str, list[tuple[int, float]]]]:
        """Samples by family and labels: Envoy's counters of inference over HTTP, Triton's and the shop's."""
        route = f"httproute/{namespace}/{self.model}/rule"
        total = sum(minutes for minutes, _ in self.shares)
        at = now - total * 60
        counts: dict[str, float] = {}
        found: dict[str, dict[str, list[tuple[int, float]]]] = {}

        def add(family: str, labels: str, grown: float) -> None:
            key = f"{family}{{{labels}}}"
            counts[key] = counts.get(key, 0.0) + grown
            found.setdefault(family, {}).setdefault(labels, []).append((at, counts[key]))

        for minutes, percent in self.shares:
            for _ in range(minutes * 60 // STEP_SECONDS):
                at += STEP_SECONDS
                requests = self.per_minute * STEP_SECONDS / 60
                canary = requests * percent / 100
                went = {f"{route}/0": requests - canary if percent == 0 else 0.0,
                        f"{route}/{_RULES}/backend/0": requests - canary if percent else 0.0,
                        f"{route}/{_RULES}/backend/1": canary if percent < 100 else 0.0,
                        f"{route}/{2 * _RULES}": canary if percent == 100 else 0.0}  # fmt: skip
                for cluster, grown in went.items():
                    mine = cluster.endswith(("backend/1", f"/{2 * _RULES}"))
                    failed = grown * self.errors if mine else 0.0
                    name = f'envoy_cluster_name="{cluster}"'
                    add("envoy_cluster_upstream_rq_xx", f'{name},envoy_response_code_class="2"', grown - failed)
                    add("envoy_cluster_upstream_rq_xx", f'{name},envoy_response_code_class="5"', failed)
                    for bound in (10, 50, 100, 1000):
                        within = grown if bound >= (self.milliseconds if mine else 20) else 0.0
                        add("envoy_cluster_upstream_rq_time_bucket", f'{name},le="{bound}"', within)
                    add("envoy_cluster_upstream_rq_time_bucket", f'{name},le="+Inf"', grown)
                served = f'namespace="{namespace}",service="{self.model}-canary-v2"'
                failed = canary * self.triton_failures
                add("nv_inference_request_success", served, canary - failed)
                add("nv_inference_request_failure", f'{served},reason="OTHER"', failed)
                for place, value in enumerate(self.orders):
                    found.setdefault("orders", {}).setdefault(f'model="{self.model}",shop="{place}"', []).append(
                        (at, value)
                    )
        return found


@contextmanager
def prometheus_of(folder: Path, namespace: str, pasts: Sequence[Past], options: Sequence[str] = ()) -> Iterator[str]:
    """The URL of a Prometheus that knows this past and watches nothing now."""
    binary, promtool = shutil.which("prometheus"), shutil.which("promtool")
    if binary is None or promtool is None:
        pytest.skip("prometheus and promtool are not on PATH; Debian's package prometheus has them")
    families: dict[str, dict[str, list[tuple[int, float]]]] = {}
    now = int(time.time())
    for past in pasts:
        for family, series in past.series(namespace, now).items():
            families.setdefault(family, {}).update(series)
    text = folder / "past.txt"
    with text.open("w") as file:
        for family, series in families.items():
            file.write(f"# TYPE {family} gauge\n")
            for labels, samples in series.items():
                file.writelines(f"{family}{{{labels}}} {value:.6f} {at}\n" for at, value in samples)
        file.write("# EOF\n")
    data = folder / "data"
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(data)]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "prometheus.yml").write_text(json.dumps({"global": {"scrape_interval": "1h"}}))
    (port,) = free_ports(1)
    command = [binary, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={data}",
               f"--web.listen-address=127.0.0.1:{port}", "--log.level=error", *options]  # fmt: skip
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 120
        while not _ready(f"http://127.0.0.1:{port}/-/ready"):
            assert process.poll() is None and time.monotonic() < deadline, "Prometheus did not start"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _ready(url: str) -> bool:
    with suppress(URLError, ConnectionError):
        return fetch(url)[0] == 200
    return False
