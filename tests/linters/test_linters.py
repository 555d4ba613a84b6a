"""No linter has anything to say of what ``modelyard render`` writes that is not argued in exceptions.csv."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .linters import HERE, Finding, checkov, documents, kube_score, pod_security, pods_in

pytestmark = [pytest.mark.linters, pytest.mark.whole]

Rendered = dict[str, Path]
Installed = Callable[[Callable[..., Any]], Callable[..., Any]]


Argued = dict[tuple[str, str, str], str]


def exceptions(linter: str) -> Argued:
    """Check, kind of object and its name, which is empty for all of that kind, with the reason why the check may fail
    there."""
    with (HERE / "exceptions.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["linter"] == linter]
    return {(row["check"], row["kind"], row["name"]): row["why"] for row in rows}


def hold(findings: list[Finding], argued: Argued) -> None:
    """Every finding is argued and every argument used."""
    used = {key for each in findings for key in _keys(each)}
    unargued = [each for each in findings if not _keys(each) & set(argued)]
    assert unargued == [], unargued
    assert set(argued) - used == set()


def _keys(finding: Finding) -> set[tuple[str, str, str]]:
    return {(finding.check, finding.kind, name) for name in ("", finding.name)}


def test_kube_score(rendered: Rendered, installed: Installed) -> None:
    score = installed(kube_score)
    hold(
        [each for folder in rendered.values() for each in score(sorted(folder.rglob("*.yaml")))],
        exceptions("kube-score"),
    )


def test_checkov(rendered: Rendered, installed: Installed) -> None:
    everything = next(iter(rendered.values())).parents[1]
    assert all(folder.is_relative_to(everything) for folder in rendered.values())
    hold(installed(checkov)(everything), exceptions("checkov"))


def test_every_pod_keeps_the_restricted_standard(manifests: list[dict[str, Any]], installed: Installed) -> None:
    """By the evaluator of Kubernetes' admission plugin PodSecurity, at its latest version."""
    said = installed(pod_security)(manifests)
    models = [each for each in manifests if each["kind"] == "Deployment"]
    assert len(said) >= len(models) > 0
    assert [(name, reason) for name, reason in said if reason] == []


BROKEN = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: root, namespace: shop}
spec:
  selector: {matchLabels: {app: root}}
  template:
    metadata: {labels: {app: root}}
    spec:
      hostNetwork: true
      containers: [{name: server, image: "server:latest", securityContext: {privileged: true}}]
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: open, namespace: shop}
spec:
  predictor:
    model: {modelFormat: {name: onnx}, securityContext: {runAsUser: 0}}
"""


def test_what_is_broken_is_found(tmp_path: Path, installed: Installed) -> None:
    """The linters and the evaluator would have told: they are asked in the same way."""
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN)
    assert [path for each in documents([file]) for path, _, _ in pods_in(each)] == [
        "spec.template.spec",
        "spec.predictor",
    ]
    reasons = dict(installed(pod_security)(documents([file])))
    assert "privileged" in reasons["Deployment shop/root spec.template.spec"]
    assert "runAsUser=0" in reasons["InferenceService shop/open spec.predictor"]
    scored = {each.check for each in installed(kube_score)([file])}
    assert {"container-security-context-privileged", "container-image-tag", "pod-networkpolicy"} <= scored
    assert {"CKV_K8S_16", "CKV_K8S_19", "CKV_K8S_14"} <= {each.check for each in installed(checkov)(tmp_path)}
