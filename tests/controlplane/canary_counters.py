"""What a gateway and a server would count for canaries, grown steadily from the start of this program.

Run as a program of its own, with the standard library alone: the port on 127.0.0.1, and JSON with the namespace and,
by the name of each model, the share of its canary's requests that end in errors. Every scrape is told on standard
output, a line each.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

RATE = 20.0
"""Requests per second, of each canary."""

_BEGAN = time.monotonic()


def metrics(namespace: str, errors: dict[str, float]) -> str:
    """The answer to a scrape."""
    lines: list[str] = []
    count = RATE * (time.monotonic() - _BEGAN)
    for model, share in errors.items():
        cluster = f'envoy_cluster_name="httproute/{namespace}/{model}/rule/0/backend/1"'
        served = f'namespace="{namespace}",service="{model}-canary"'
        lines += [
            f'envoy_cluster_upstream_rq_xx{{{cluster},envoy_response_code_class="2"}} {count * (1 - share)}',
            f'envoy_cluster_upstream_rq_xx{{{cluster},envoy_response_code_class="5"}} {count * share}',
            f'envoy_cluster_upstream_rq_time_bucket{{{cluster},le="50"}} {count}',
            f'envoy_cluster_upstream_rq_time_bucket{{{cluster},le="+Inf"}} {count}',
            f"nv_inference_request_success{{{served}}} {count * (1 - share)}",
            f'nv_inference_request_failure{{{served},reason="OTHER"}} {count * share}',
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    port, told = int(sys.argv[1]), json.loads(sys.argv[2])

    class Scrape(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = metrics(told["namespace"], told["errors"]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            print("scraped", flush=True)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing but the line above."""

    HTTPServer(("127.0.0.1", port), Scrape).serve_forever()


if __name__ == "__main__":
    main()
