"""Readiness of every version that TorchServe serves: ``python ready.py ADDRESS:PORT MANAGEMENT_PORT MODEL VERSION...``

``GET /ready`` answers 200 when each version has as many workers that have loaded it as it should, else 503.
TorchServe's own ``/ping`` answers 200 as soon as it listens, before a worker has loaded anything, looks at the default
version alone, and knows nothing of archives that could not be read. What is asked is the management API on loopback,
which says all of this once every archive has been read; a version that it does not know then ends this program with
exit code 1.
"""

import json
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Versions:
    def __init__(self, management_port, model, wanted):
        self.url = f"http://127.0.0.1:{management_port}/models/{model}/all"
        self.wanted = wanted

    def ready(self):
        try:
            found = self.found()
        except (OSError, ValueError):
            return False
        return all(version in found and workers_ready(found[version]) for version in self.wanted)

    def missing(self):
        """Versions that are not there; None: nobody answers yet."""
        try:
            found = self.found()
        except urllib.error.HTTPError:
            return self.wanted
        except OSError:
            return None
        return [version for version in self.wanted if version not in found]

    def found(self):
        with urllib.request.urlopen(self.url, timeout=4) as answer:
            return {each["modelVersion"]: each for each in json.load(answer)}


def workers_ready(version):
    return sum(worker["status"] == "READY" for worker in version["workers"]) >= max(1, version["minWorkers"])


def handler(versions):
    class Ready(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/ready" and versions.ready() else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format, *args):
            """A probe is not worth a line."""

    return Ready


def main():
    (address, port), management_port, model = sys.argv[1].rsplit(":", 1), sys.argv[2], sys.argv[3]
    versions = Versions(management_port, model, sys.argv[4:])
    server = ThreadingHTTPServer((address, int(port)), handler(versions))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    missing = versions.missing()
    while missing is None:
        time.sleep(0.5)
        missing = versions.missing()
    if missing:
        print(f"TorchServe has not loaded version {', '.join(missing)} of {model}; the reason is above", flush=True)
        return 1
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
