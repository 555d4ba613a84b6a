"""Kyverno's own admission controller beside the control plane, a registry of images, and cosign that signs in it."""

from __future__ import annotations

import io
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

from .api import Api, Object, until
from .build import built
from .control_plane import ControlPlane
from .definitions import install, things

NAMESPACE = "kyverno"
REGISTRY = "127.0.0.1:5000"
"""Inside the namespace of the control plane, over plain HTTP."""

_NAME = "kyverno"
_DEPLOYMENT = "kyverno-admission-controller"
_ACCOUNT = "kyverno-admission-controller"
_SECONDS = 120


def start(plane: ControlPlane, api: Api) -> None:
    """The controller with its definitions and without its chart, judging through webhooks on 127.0.0.1."""
    install(api, things("kyverno", "crds"))
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for name in ("kyverno", "kyverno-metrics"):
        api.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": NAMESPACE}})
    # Its webhooks belong to its Deployment, which has to be there for them.
    api.apply(_deployment())
    tool = built("kyverno")
    assert tool is not None
    plane.start(
        _NAME,
        [
            str(tool / "bin" / "kyverno"),
            f"--kubeconfig={plane.folder / 'kubeconfig-inside'}",
            "--serverIP=127.0.0.1:9443",
            "--webhookServerHost=127.0.0.1",
            "--disableMetrics=true",
            "--controllerRuntimeMetricsAddress=0",
            "--allowInsecureRegistry=true",
            "--caSecretName=kyverno-ca",
            "--tlsSecretName=kyverno-tls",
            f"--backgroundServiceAccountName=system:serviceaccount:{NAMESPACE}:kyverno-background-controller",
            f"--reportsServiceAccountName=system:serviceaccount:{NAMESPACE}:kyverno-reports-controller",
            "--leaderElectionRetryPeriod=1s",
            "--autoMemLimitEnabled=false",
            "--v=2",
        ],
        {
            "KYVERNO_NAMESPACE": NAMESPACE,
            "KYVERNO_SERVICEACCOUNT_NAME": _ACCOUNT,
            "KYVERNO_DEPLOYMENT": _DEPLOYMENT,
            "KYVERNO_POD_NAME": f"{_DEPLOYMENT}-0",
            "KYVERNO_SVC": "kyverno-svc",
            "INIT_CONFIG": "kyverno",
            "METRICS_CONFIG": "kyverno-metrics",
        },
    )


def until_judged(plane: ControlPlane, api: Api, policy: str) -> None:
    """Until the controller has taken the policy and the API server asks it about pods."""

    def judged() -> bool:
        plane.check()
        return any(
            webhook["clientConfig"].get("url", "").endswith(f"/ivpol/validate/{policy}")
            for configuration in api.list("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration")
            for webhook in configuration.get("webhooks", [])
        )

    until(judged, _SECONDS, lambda: plane.log(_NAME)[-4000:])


def _deployment() -> Object:
    labels = {"app.kubernetes.io/component": "admission-controller", "app.kubernetes.io/part-of": "kyverno"}
    container = {"name": "kyverno", "image": "reg.kyverno.io/kyverno/kyverno:v1.19.0"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": _DEPLOYMENT, "namespace": NAMESPACE, "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


@dataclass(frozen=True, slots=True)
class Signer:
    """A key pair of cosign."""

    key: Path

    @property
    def public(self) -> str:
        return self.key.with_suffix(".pub").read_text()


class Images:
    """Tiny images in a registry, unsigned until somebody signs them."""

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._number = 0
        tool = built("kyverno")
        assert tool is not None
        self._bin = tool / "bin"
        plane.start("registry", [str(self._bin / "crane"), "registry", "serve", f"--address={REGISTRY}"])

    def push(self, repository: str, tag: str = "1") -> str:
        """Push an image that nobody has pushed before; its reference by digest."""
        self._number += 1
        layer = self._plane.folder / f"layer-{self._number}.tar"
        with tarfile.open(layer, "w") as archive:
            content = f"{repository} {self._number}\n".encode()
            file = tarfile.TarInfo("content")
            file.size = len(content)
            archive.addfile(file, io.BytesIO(content))
        reference = f"{REGISTRY}/{repository}:{tag}"
        pushed = self._inside("crane", "append", f"--new_layer={layer}", f"--new_tag={reference}", "--insecure")
        found = re.search(r"\S+@sha256:[0-9a-f]{64}", pushed)
        assert found is not None, pushed
        return found[0]

    def signer(self, name: str) -> Signer:
        self._inside("cosign", "generate-key-pair", f"--output-key-prefix={self._plane.folder / name}")
        return Signer(self._plane.folder / f"{name}.key")

    def sign(self, reference: str, signer: Signer, *more: str) -> None:
        """As a pipeline does it that cannot reach Sigstore's public log."""
        self._inside(
            "cosign",
            "sign",
            "--yes",
            f"--key={signer.key}",
            "--allow-insecure-registry",
            "--allow-http-registry",
            "--use-signing-config=false",
            "--tlog-upload=false",
            *more,
            reference,
        )

    def _inside(self, program: str, *arguments: str) -> str:
        """Run it in the namespace of the control plane, where the registry answers."""
        return self._plane.run(program, [str(self._bin / program), *arguments], {"COSIGN_PASSWORD": ""})
