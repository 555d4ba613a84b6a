"""Controllers through a whole environment: the foundation installs what the departments' models need, before them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.graph import Resource
from modelyard.offline import ProgramFailed, run
from modelyard.platform.reference import check_deployed
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument
from modelyard.review.refused import PlanRefused

from .kubernetes.program import waits_for

REPOSITORY = Path(__file__).resolve().parents[2]
CHARTS = {"keda", "kserve-crd", "kserve-resources", "argo-rollouts", "flagger"}
DAY = {"days": "mon-fri", "start": "08:00", "end": "18:00", "timezone": "Europe/Berlin", "min_replicas": 1}
CHURN = {
    "name": "churn", "task": "tabular_classification", "format": "sklearn", "source": "../models/churn",
    "runtime": "kserve", "kserve": {"server": "sklearnserver"}, "resources": {"gpus": 0, "cpu": 1, "memory_gib": 2},
}  # fmt: skip
SLEEPS = {"scaling": {"min_replicas": 0, "max_replicas": 2, "schedules": [DAY]}}


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("controllers")
    shutil.copy(REPOSITORY / "Pulumi.yaml", project)
    shutil.copytree(REPOSITORY / "stacks", project / "stacks")
    tagging = project / "stacks" / "models" / "product-tagging"
    if not (tagging / "2").exists():
        shutil.copytree(tagging / "1", tagging / "2", dirs_exist_ok=True)
    churn = project / "stacks" / "models" / "churn" / "1"
    churn.mkdir(parents=True)
    (churn / "model.joblib").write_bytes(b"trees")
    return project / "stacks"


def planned(stacks: Path, model: dict[str, Any], cluster: dict[str, Any] | None = None) -> PlanDocument:
    """Of dev, with changes of one model, or one more, and of its cluster."""
    files = {
        stacks / "dev" / "departments" / "merchandising.yaml": ("models", model),
        stacks / "dev" / "platform.yaml": ("clusters", cluster or {}),
    }
    originals = {file: file.read_text(encoding="utf-8") for file in files}
    try:
        for file, (key, change) in files.items():
            declared = yaml.safe_load(originals[file])
            if "name" in change:
                declared[key].append(change)
            else:
                declared[key][0] |= change
            if "rollout" in change:
                declared[key][0].pop("version", None)
            file.write_text(yaml.safe_dump(declared), encoding="utf-8")
        return plan(stacks / "dev", stacks)
    finally:
        for file, text in originals.items():
            file.write_text(text, encoding="utf-8")


def releases(document: PlanDocument) -> set[str]:
    found: list[Resource] = [
        each for stack in document.stacks for each in stack.graph.of_type("kubernetes:helm.sh/v3:Release")
    ]
    return CHARTS & {each.inputs["name"] for each in found}


@pytest.mark.parametrize(
    ("model", "cluster", "installed"),
    [
        ({}, {}, set()),
        (SLEEPS, {}, {"keda"}),
        (SLEEPS, {"installed": ["keda"]}, set()),
        ({"rollout": {"stable": 1, "canary": 2, "by": "argo_rollouts"}}, {}, {"argo-rollouts"}),
        ({"rollout": {"stable": 1, "canary": 2, "by": "flagger"}}, {}, {"flagger"}),
        ({"rollout": {"stable": 1, "canary": 2, "percent": 10}}, {}, set()),
        (CHURN, {}, {"kserve-crd", "kserve-resources"}),
        (CHURN, {"installed": ["kserve"]}, set()),
    ],
    ids=str,
)
def test_a_model_brings_its_controller(
    stacks: Path, model: dict[str, Any], cluster: dict[str, Any], installed: set[str]
) -> None:
    assert releases(planned(stacks, model, cluster)) == installed


@pytest.mark.parametrize("installed", [[], ["kserve"]])
def test_a_service_of_kserve_waits_for_the_clusters_own_objects_of_kserve(stacks: Path, installed: list[str]) -> None:
    (graph,) = [stack.graph for stack in planned(stacks, CHURN, {"installed": installed}).stacks]
    (storage,) = [each for each in graph if each.inputs.get("kind") == "ClusterStorageContainer"]
    for kind in ("InferenceService", "ServingRuntime"):
        (made,) = [each for each in graph if each.inputs.get("kind") == kind]
        assert waits_for(graph, made, storage)
    controllers = [each for each in graph if each.inputs.get("name") == "kserve-resources"]
    assert len(controllers) == (not installed)
    assert all(waits_for(graph, storage, each) for each in controllers)


EXISTING = {
    "existing": {"name": "shared"},
    "network": {
        "vpc_id": "vpc-0123456789abcdef0",
        "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    },
}


@pytest.mark.parametrize(("installed", "said"), [([], 1), (["kserve"], 0)], ids=["nothing", "kserve"])
def test_nothing_is_installed_on_an_existing_cluster(stacks: Path, installed: list[str], said: int) -> None:
    document = planned(stacks, CHURN, {**EXISTING, "installed": installed})
    assert releases(document) == set()
    kinds = [each.inputs.get("kind") for stack in document.stacks for each in stack.graph]
    assert kinds.count("ClusterStorageContainer") == len(installed)
    notice = (
        "cluster 'main' has to have KServe 0.20 in Standard mode, without Istio's virtual services; install it before "
        "the models, and write installed: [kserve]"
    )
    assert list(document.notices).count(notice) == said


@pytest.mark.parametrize(
    ("kserve", "cluster", "told"),
    [
        (
            {"mode": "knative"},
            {},
            "models[1].kserve.mode: knative needs Knative Serving, which Modelyard does not install; take mode "
            "standard, or install it on cluster 'main' and write installed: [knative] there (model 'churn')",
        ),
        (
            {"model_cache": {"node_groups": ["t4"], "size_gib": 2}},
            {"installed": ["keda"]},
            "models[1].kserve.model_cache: needs KServe's local model agents and LocalModelNodeGroups, which Modelyard "
            "does not install; delete it, or install KServe with them on cluster 'main' and write installed: [kserve] "
            "there (model 'churn')",
        ),
    ],
)
def test_what_nobody_installs_is_refused_before_any_resource(
    stacks: Path, kserve: dict[str, Any], cluster: dict[str, Any], told: str
) -> None:
    with pytest.raises(PlanRefused) as refused:
        planned(stacks, {**CHURN, "kserve": {**CHURN["kserve"], **kserve}}, cluster)
    (line,) = str(refused.value).splitlines()
    assert line.startswith("dev/departments/merchandising.yaml:") and line.endswith(f": {told}")


def test_software_that_nobody_knows_is_refused(stacks: Path) -> None:
    with pytest.raises(PlanRefused) as refused:
        planned(stacks, {}, {"installed": ["argo-rollouts"]})
    assert str(refused.value).endswith(
        "clusters[0].installed[0]: 'argo-rollouts' is not an allowed value; did you mean 'argo_rollouts'? Allowed: "
        "keda, kserve, argo_rollouts, flagger, knative, seldon (cluster 'main')"
    )


def test_what_a_controller_moves_waits_for_it(stacks: Path) -> None:
    document = planned(stacks, {"rollout": {"stable": 1, "canary": 2, "by": "argo_rollouts"}})
    (graph,) = [stack.graph for stack in document.stacks]
    (moved,) = [each for each in graph if each.inputs.get("kind") == "Rollout"]
    (release,) = [each for each in graph if each.inputs.get("name") == "argo-rollouts" and "Release" in each.type]
    assert waits_for(graph, moved, release)


FOUNDATION = {"clusters": {}, "modelStores": {}, "imageRepositories": {}}
NAME = "acme/modelyard/prod-foundation"


@pytest.mark.parametrize(
    ("outputs", "absent"),
    [
        ({"controllers": {"east": ["keda", "kserve"]}}, None),
        ({"controllers": {"east": ["keda"]}}, "kserve"),
        ({"controllers": {"west": ["kserve"]}}, "keda and kserve"),
        ({}, "keda and kserve"),
    ],
    ids=str,
)
def test_a_department_is_not_deployed_before_its_controllers(outputs: dict[str, Any], absent: str | None) -> None:
    def program() -> None:
        check_deployed(NAME, {"east": frozenset({"kserve", "keda"}), "west": frozenset()})

    references = {NAME: {**FOUNDATION, **outputs}}
    given: Any = {"project": "modelyard", "stack": "prod-shop", "organization": "acme", "references": references}
    message = (
        f"the stack {NAME} has not installed {absent} on cluster 'east'; deploy the foundation before its departments: "
        "pulumi up -s prod-foundation"
    )
    if absent is None:
        assert run(program, mode="up", **given).diagnostics == []
        return
    with pytest.raises(ProgramFailed) as failed:
        run(program, mode="up", **given)
    assert str(failed.value.__cause__) == message
    (warning,) = run(program, mode="preview", **given).diagnostics
    assert (warning.severity, warning.message) == ("warning", message)
