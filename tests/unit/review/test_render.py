"""The Kubernetes side as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.graph import UNKNOWN, Resource, ResourceGraph, Secret
from modelyard.repository.repository import RepositoryFile, generated
from modelyard.review.atomic_file import CannotWrite
from modelyard.review.plan import ModelRepository, PlanDocument, StackPlan
from modelyard.review.refused import PlanRefused
from modelyard.review.render.files import files
from modelyard.review.render.folder import MARKER, check_folder, write_folder

from .retailer import PLANTED, retailer

STACK = "prod-merchandising"
PROVIDER = f"urn:pulumi:{STACK}::p::pulumi:providers:kubernetes::modelyard-kubernetes-east"
REFERENCE = f"urn:pulumi:{STACK}::p::pulumi:pulumi:StackReference::prod-foundation"


def planned(*objects: Resource, **changes: Any) -> PlanDocument:
    provider = Resource(PROVIDER, "pulumi:providers:kubernetes", "modelyard-kubernetes-east", {}, STACK)
    graph = ResourceGraph([provider, *objects])
    return retailer(stacks=(StackPlan(STACK, "merchandising", graph, {}),), clusters=("east", "west"), **changes)


def kubernetes(token: str, name: str, inputs: dict[str, Any]) -> Resource:
    return Resource(
        f"urn:pulumi:{STACK}::p::{token}::{name}",
        token,
        name,
        inputs,
        STACK,
        provider=PROVIDER,
        property_dependencies={"spec": (REFERENCE,)},
    )


CONFIG_MAP = kubernetes(
    "kubernetes:core/v1:ConfigMap",
    "settings",
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "settings",
            "namespace": "merchandising",
            "annotations": {"pulumi.com/timeoutSeconds": "600"},
        },
        "data": {"script": "echo one\necho two\n", "flag": "on"},
    },
)


def test_an_object_is_a_file_in_its_namespace() -> None:
    rendered = files(planned(CONFIG_MAP))
    text = rendered["east/merchandising/configmap-settings.yaml"]
    assert isinstance(text, str)
    assert yaml.safe_load(text) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "merchandising"},
        "data": {"script": "echo one\necho two\n", "flag": "on"},
    }
    assert "  script: |\n    echo one\n" in text


def test_what_only_the_cloud_knows_is_a_placeholder_that_the_readme_explains() -> None:
    deployment = kubernetes(
        "kubernetes:apps/v1:Deployment",
        "tagging-east",
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "tagging", "namespace": "merchandising"},
            "spec": {"template": {"spec": {"containers": [{"image": UNKNOWN, "name": "triton"}]}}},
        },
    )
    rendered = files(planned(deployment))
    placeholder = "${prod-merchandising:Deployment/tagging-east:spec.template.spec.containers[0].image}"
    manifest = yaml.safe_load(str(rendered["east/merchandising/deployment-tagging.yaml"]))
    assert manifest["spec"]["template"]["spec"]["containers"][0]["image"] == placeholder
    assert "`east/merchandising/deployment-tagging.yaml` | StackReference prod-foundation |" in str(
        rendered["README.md"]
    )


@pytest.mark.parametrize(
    "inputs",
    [
        {"stringData": Secret({"key": PLANTED})},
        {"stringData": {"key": Secret(PLANTED)}},
        {"data": {"key": "cGxhbnRlZC1zZWNyZXQtaHVudGVyMg=="}},
    ],
)
def test_a_secret_becomes_a_stub_with_its_keys_alone(inputs: dict[str, Any]) -> None:
    secret = kubernetes(
        "kubernetes:core/v1:Secret",
        "pager",
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pager", "namespace": "monitoring"}, **inputs},
    )
    rendered = files(planned(secret))
    text = str(rendered["east/monitoring/secret-pager.yaml"])
    stub = yaml.safe_load(text)
    assert text.startswith("# The values of this Secret are written nowhere.")
    assert stub["kind"] == "ExternalSecret"
    assert [entry["secretKey"] for entry in stub["spec"]["data"]] == ["key"]
    everything = "".join(str(content) for content in rendered.values())
    assert PLANTED not in everything
    assert "cGxhbnRlZC1zZWNyZXQtaHVudGVyMg==" not in everything


def test_a_secret_text_that_got_into_another_object_stops_the_render() -> None:
    leak = kubernetes("kubernetes:core/v1:ConfigMap", "leak", {"kind": "ConfigMap", "data": {"url": f"u:{PLANTED}@h"}})
    source = kubernetes("kubernetes:core/v1:Secret", "pager", {"stringData": {"key": Secret(PLANTED)}})
    with pytest.raises(PlanRefused) as refused:
        files(planned(leak, source))
    assert str(refused.value) == (
        "east/cluster-wide/configmap-leak.yaml: this file would hold a secret's text; pass the secret by reference "
        "instead"
    )


def test_a_helm_release_is_its_reference_and_its_values() -> None:
    release = kubernetes(
        "kubernetes:helm.sh/v3:Release",
        "cert-manager",
        {
            "name": "cert-manager",
            "chart": "cert-manager",
            "version": "1.19.0",
            "namespace": "cert-manager",
            "createNamespace": True,
            "repositoryOpts": {"repo": "https://charts.example"},
            "values": {"crds": {"enabled": True}, "token": Secret(PLANTED)},
        },
    )
    rendered = files(planned(release))
    assert yaml.safe_load(str(rendered["east/cert-manager/helm-cert-manager/release.yaml"])) == {
        "releaseName": "cert-manager",
        "namespace": "cert-manager",
        "chart": "cert-manager",
        "repository": "https://charts.example",
        "version": "1.19.0",
        "createNamespace": True,
        "skipCrds": False,
        "valuesFile": "values.yaml",
    }
    assert yaml.safe_load(str(rendered["east/cert-manager/helm-cert-manager/values.yaml"])) == {
        "crds": {"enabled": True},
        "token": "${prod-merchandising:Release/cert-manager:values.token}",
    }
    assert "1. `east/cert-manager/helm-cert-manager/release.yaml`" in str(rendered["README.md"])


def test_rules_are_plain_rule_files_too() -> None:
    groups = [{"name": "serving", "rules": [{"alert": "Late", "expr": "up == 0"}]}]
    rule = kubernetes(
        "kubernetes:monitoring.coreos.com/v1:PrometheusRule",
        "tagging",
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": "tagging", "namespace": "merchandising"},
            "spec": {"groups": groups},
        },
    )
    rendered = files(planned(rule))
    assert yaml.safe_load(str(rendered["east/prometheus-rules/merchandising-tagging.yaml"])) == {"groups": groups}
    assert "east/merchandising/prometheusrule-tagging.yaml" in rendered


def test_two_objects_of_one_name_are_two_files_and_names_cannot_leave_the_folder() -> None:
    one = kubernetes("kubernetes:a.io/v1:Thing", "x", {"kind": "Thing", "metadata": {"name": "../../etc/x"}})
    two = kubernetes("kubernetes:b.io/v1:Thing", "y", {"kind": "Thing", "metadata": {"name": "../../etc/x"}})
    rendered = set(files(planned(one, two)))
    assert rendered == {
        "east/cluster-wide/thing-_.._etc_x.yaml",
        "east/cluster-wide/thing-_.._etc_x-2.yaml",
        "README.md",
    }


def test_models_lie_where_a_server_loads_them(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"\x00weights")
    weights = RepositoryFile("tagging/1/model.onnx", str(tmp_path / "model.onnx"), None, "0" * 64, 8)
    written = generated("tagging/config.pbtxt", "max_batch_size: 8\n")
    repositories = tuple(
        ModelRepository("merchandising", "tagging", cluster, (weights, written), None) for cluster in ("east", "west")
    )
    out = tmp_path / "out"
    write_folder(out, files(planned(CONFIG_MAP, repositories=repositories)))
    for cluster in ("east", "west"):
        model = out / cluster / "models" / "merchandising" / "tagging" / "tagging"
        assert (model / "1" / "model.onnx").read_bytes() == b"\x00weights"
        assert (model / "config.pbtxt").read_text() == "max_batch_size: 8\n"


def test_nothing_for_kubernetes_is_an_error() -> None:
    with pytest.raises(PlanRefused, match=r"^prod: this environment has nothing for Kubernetes to render$"):
        files(planned())


def test_a_new_render_replaces_the_earlier_one_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_folder(out, {"a/old.yaml": "old", "README.md": "one"})
    write_folder(out, {"a/new.yaml": "new", "README.md": "two"})
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == [
        MARKER,
        "README.md",
        "a/new.yaml",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failed_render_leaves_the_earlier_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_folder(out, {"a.yaml": "old"})
    with pytest.raises(CannotWrite, match="cannot be written: No such file or directory"):
        write_folder(out, {"a.yaml": "new", "b": tmp_path / "missing"})
    assert (out / "a.yaml").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_folders_that_are_somebody_elses_are_refused(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    check_folder(theirs)
    (theirs / "notes.txt").write_text("keep")
    cases = {
        theirs: "this folder is not empty and holds no earlier render; name a new or an empty folder",
        theirs / "notes.txt": "this is a file; name a folder",
        tmp_path / "no" / "out": f"the folder {tmp_path}/no does not exist; create it first",
    }
    for folder, reason in cases.items():
        with pytest.raises(CannotWrite) as refused:
            check_folder(folder)
        assert str(refused.value) == f"--out {folder}: {reason}"


def test_a_file_added_to_a_render_is_not_lost(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_folder(out, {"a.yaml": "old"})
    (out / "kustomization.yaml").write_text("mine")
    with pytest.raises(CannotWrite) as refused:
        write_folder(out, {"a.yaml": "new"})
    assert str(refused.value) == (
        f"--out {out}: kustomization.yaml is not from a render and would be lost; move it elsewhere, or name another "
        "folder"
    )
    assert (out / "a.yaml").read_text() == "old"
