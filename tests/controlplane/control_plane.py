"""A Kubernetes control plane of its own for a test run: up in seconds, without kubelets, gone at the end."""

from __future__ import annotations

import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from .api import Api
from .build import built

PORT = 6443
"""Of the API server, inside the namespace."""

_ETCD = "http://127.0.0.1:2379"
_START_SECONDS = 180.0
_SUPERVISOR = Path(__file__).with_name("supervisor.py")


class CannotStart(Exception):
    """``str()`` says why."""


class NotHere(CannotStart):
    """This machine lacks what a control plane needs."""


class ControlPlane:
    """etcd and an API server that answers; the rest is started when a test needs it."""

    def __init__(self, supervisor: subprocess.Popen[bytes], folder: Path, port: int, token: str) -> None:
        self._supervisor = supervisor
        self._token = token
        self._port = port
        self._ended: dict[str, int] = {}
        self._started: set[str] = set()
        self.folder = folder

    @property
    def certificate(self) -> Path:
        """Of the API server, for 127.0.0.1; it is its own authority."""
        return self.folder / "certificates" / "apiserver.crt"

    @property
    def kubeconfig(self) -> Path:
        """For this machine: any client of Kubernetes takes it."""
        return self.folder / "kubeconfig"

    def api(self) -> Api:
        """A connection of a cluster administrator."""
        return Api(self._port, self._token, self.certificate)

    def start_scheduling(self) -> None:
        """The scheduler, the controllers that ship with Kubernetes and simulated kubelets, once.

        Nodes live as long as their leases, which are long here: a busy machine must not make them flap.
        """
        if "scheduler" in self._started:
            return
        self.start_controllers("*,-node-ipam-controller,-cloud-node-lifecycle-controller,-node-route-controller")
        self.start_scheduler()
        kwok = built("kwok")
        assert kwok is not None
        self.start(
            "kwok",
            [
                str(kwok / "bin" / "kwok"),
                f"--kubeconfig={self.folder / 'kubeconfig-inside'}",
                "--manage-all-nodes=true",
                "--node-lease-duration-seconds=1200",
                "--server-address=127.0.0.1:10247",
            ],
        )

    def start_controllers(self, names: str) -> None:
        """Those of the controllers that ship with Kubernetes, as ``--controllers`` takes them, as fast as the API
        server lets them."""
        kubernetes = built("kubernetes")
        assert kubernetes is not None
        self.start(
            "controller-manager",
            [
                str(kubernetes / "bin" / "kube-controller-manager"),
                f"--kubeconfig={self.folder / 'kubeconfig-inside'}",
                "--bind-address=127.0.0.1",
                "--leader-elect=false",
                "--use-service-account-credentials=false",
                f"--service-account-private-key-file={self.folder / 'certificates' / 'apiserver.key'}",
                f"--root-ca-file={self.certificate}",
                "--node-monitor-grace-period=3600s",
                f"--controllers={names}",
                "--kube-api-qps=2000",
                "--kube-api-burst=4000",
                f"--cert-dir={self.folder / 'certificates-controllers'}",
            ],
        )

    def start_scheduler(self) -> None:
        """The scheduler alone, as fast as the API server lets it; it finds the pods in the order of their names."""
        kubernetes = built("kubernetes")
        assert kubernetes is not None
        self.start(
            "scheduler",
            [
                str(kubernetes / "bin" / "kube-scheduler"),
                f"--kubeconfig={self.folder / 'kubeconfig-inside'}",
                "--bind-address=127.0.0.1",
                "--leader-elect=false",
                "--kube-api-qps=2000",
                "--kube-api-burst=4000",
                f"--cert-dir={self.folder / 'certificates-scheduler'}",
                # A list keeps an order; a stream of what is there at first does not.
                "--feature-gates=WatchListClient=false",
            ],
        )

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Start a process in the namespace of the control plane; ``self.folder / NAME.log`` is what it says, and what
        an earlier one of this name said is gone."""
        (self.folder / f"{name}.log").unlink(missing_ok=True)
        own = {"PATH": os.environ.get("PATH", ""), "HOME": str(self.folder), "TMPDIR": str(self.folder)}
        self._order({"start": name, "command": command, "environment": {**own, **(environment or {})}}, "started")
        self._started.add(name)

    def run(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> str:
        """Run a process in the namespace until it ends; what it said.

        Raises:
            CannotStart: it ended with another status than 0.
        """
        self.start(name, command, environment)
        while name not in self._ended:
            self._hear()
        code = self._ended.pop(name)
        if code != 0:
            raise CannotStart(f"{name} ended with status {code}; its log ends:\n{self.log(name)[-3000:]}")
        return self.log(name)

    def stop(self, name: str) -> None:
        self._order({"stop": name}, "stopped")
        self._started.discard(name)

    def save(self, target: Path) -> None:
        """Copy what the API server has stored to a new folder, which another process may have made meanwhile."""
        self.stop("etcd")
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="saving-") as scratch:
            shutil.copytree(self.folder / "etcd", Path(scratch) / "etcd")
            with suppress(OSError):
                (Path(scratch) / "etcd").rename(target)
        self._start_etcd()
        self.wait_until_ready()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def check(self) -> None:
        """Raises:
        CannotStart: a process ended by itself.
        """
        assert self._supervisor.stdout is not None
        while select.select([self._supervisor.stdout], [], [], 0)[0]:
            self._hear()
        for name, code in self._ended.items():
            raise CannotStart(f"{name} ended with status {code}; its log ends:\n{self.log(name)[-3000:]}")

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            self.check()
            if self.certificate.exists() and self.api().ready():
                return
            if time.monotonic() > deadline:
                raise CannotStart(f"the API server was not ready after {_START_SECONDS:.0f} s")
            time.sleep(0.1)

    def _start_etcd(self) -> None:
        tool, peer = built("etcd"), "http://127.0.0.1:2380"
        assert tool is not None
        self.start(
            "etcd",
            [
                str(tool / "bin" / "server"),
                f"--data-dir={self.folder / 'etcd'}",
                "--unsafe-no-fsync",  # the data lives as long as the test
                f"--listen-client-urls={_ETCD}",
                f"--advertise-client-urls={_ETCD}",
                f"--listen-peer-urls={peer}",
                f"--initial-advertise-peer-urls={peer}",
                f"--initial-cluster=default={peer}",
            ],
        )

    def _order(self, order: dict[str, Any], answer: str) -> None:
        assert self._supervisor.stdin is not None
        self._supervisor.stdin.write(json.dumps(order).encode() + b"\n")
        self._supervisor.stdin.flush()
        while answer not in self._hear():
            pass

    def _hear(self) -> dict[str, Any]:
        fact = _read(self._supervisor)
        if "ended" in fact:
            self._ended[fact["ended"]] = fact["exit"]
        return fact


@contextmanager
def control_plane(state: Path | None = None, *, new_nodes_ready: bool = False) -> Iterator[ControlPlane]:
    """etcd and the API server, ready; everything ends with the block, or with this process.

    ``state`` is a folder that :meth:`ControlPlane.save` wrote: what the cluster begins with. ``new_nodes_ready`` leaves
    new nodes without the taint that a kubelet and a controller would take off, where neither runs.

    Raises:
        NotHere: nothing is built, or the kernel gives no network namespace.
        CannotStart: a process ended, or does not answer.
    """
    kubernetes = built("kubernetes")
    if built("etcd") is None or kubernetes is None:
        raise NotHere("the control plane is not built")
    folder = Path(tempfile.mkdtemp(prefix="control-plane-"))
    supervisor = subprocess.Popen(
        [sys.executable, "-I", str(_SUPERVISOR), json.dumps({"folder": str(folder), "port": PORT})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )
    try:
        fact = _read(supervisor)
        if "refused" in fact:
            raise NotHere(fact["refused"])
        if state is not None:
            shutil.copytree(state, folder / "etcd")
        token = secrets.token_hex(16)
        _write_access(folder, fact["port"], token)
        plane = ControlPlane(supervisor, folder, fact["port"], token)
        plane._start_etcd()
        _start_api_server(plane, kubernetes, new_nodes_ready)
        plane.wait_until_ready()
        yield plane
    finally:
        assert supervisor.stdin is not None and supervisor.stdout is not None
        with suppress(BrokenPipeError):
            supervisor.stdin.close()
        supervisor.wait()
        supervisor.stdout.close()


def _start_api_server(plane: ControlPlane, kubernetes: Path, new_nodes_ready: bool) -> None:
    folder, certificates = plane.folder, plane.folder / "certificates"
    # GKE turns it on and EKS does not; it would add the toleration that a Deployment forgot.
    off = ["ExtendedResourceToleration", *(["TaintNodesByCondition"] if new_nodes_ready else [])]
    plane.start(
        "api-server",
        [
            str(kubernetes / "bin" / "kube-apiserver"),
            f"--etcd-servers={_ETCD}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--secure-port={PORT}",
            f"--cert-dir={certificates}",
            # Its own key, which it makes for itself before it reads it here, signs service accounts too.
            f"--service-account-key-file={certificates / 'apiserver.key'}",
            f"--service-account-signing-key-file={certificates / 'apiserver.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--token-auth-file={folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--enable-priority-and-fairness=false",
            "--allow-privileged=true",
            f"--disable-admission-plugins={','.join(off)}",
        ],
    )


def _write_access(folder: Path, port: int, token: str) -> None:
    (folder / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
    for name, number in (("kubeconfig", port), ("kubeconfig-inside", PORT)):
        cluster = {
            "server": f"https://127.0.0.1:{number}",
            "certificate-authority": str(folder / "certificates" / "apiserver.crt"),
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": token}}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "admin"}}],
            "current-context": "tests",
        }
        (folder / name).write_text(yaml.safe_dump(config))


def _read(supervisor: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert supervisor.stdout is not None
    line = supervisor.stdout.readline()
    if not line:
        raise CannotStart("the supervisor of the control plane ended")
    return json.loads(line)
