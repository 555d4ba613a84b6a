"""Images that nodes have before a pod asks for them."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.capacity.software.image_prefetch import ImagePrefetch
from modelyard.graph import Resource

from .program import SHOP, graph_of, kubernetes_objects, one, refusal

TRITON = "nvcr.io/nvidia/tritonserver:25.10-py3@sha256:" + "a" * 64
SERVER = "docker.io/tensorflow/serving:2.19.1-gpu"


def fetching(**changes: Any) -> Any:
    arguments: Any = {"ownership": SHOP.args(), "pool": "l4", "images": [TRITON, SERVER], **changes}
    return lambda opts: ImagePrefetch("prod-east-shop-l4", arguments, opts)


@pytest.fixture(scope="module")
def daemon() -> Resource:
    return one(graph_of(fetching()), "DaemonSet", "prefetch-l4")


def test_every_image_is_started_once_on_every_node_of_the_pool_whatever_its_taints(daemon: Resource) -> None:
    pod = daemon.inputs["spec"]["template"]["spec"]
    assert [(each["image"], each["command"]) for each in pod["initContainers"]] == [
        (TRITON, ["true"]),
        (SERVER, ["true"]),
    ]
    assert pod["nodeSelector"] == {"modelyard.dev/pool": "l4"}
    assert pod["tolerations"] == [
        {"operator": "Exists", "effect": "NoSchedule"},
        {"operator": "Exists", "effect": "NoExecute"},
    ]


def test_its_pods_ask_for_next_to_nothing_and_for_no_gpu(daemon: Resource) -> None:
    pod = daemon.inputs["spec"]["template"]["spec"]
    for each in (*pod["initContainers"], *pod["containers"]):
        assert each["resources"] == {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "64Mi"}}
    assert "priorityClassName" not in pod


def test_it_says_whose_it_is_and_lives_in_that_departments_namespace(daemon: Resource) -> None:
    (thing,) = kubernetes_objects(graph_of(fetching()))
    labels = SHOP.kubernetes_labels()
    assert thing.inputs["metadata"]["namespace"] == "shop"
    assert labels.items() <= thing.inputs["metadata"]["labels"].items()
    template = daemon.inputs["spec"]["template"]["metadata"]["labels"]
    assert labels.items() <= template.items()
    assert daemon.inputs["spec"]["selector"]["matchLabels"].items() <= template.items()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"images": []},
            "ImagePrefetch prod-east-shop-l4: images: is empty; name an image, or leave the component out",
        ),
        ({"imagez": []}, "did you mean 'images'?"),
    ],
    ids=["no image", "unknown key"],
)
def test_bad_arguments_are_refused(changes: dict[str, Any], said: str) -> None:
    assert said in refusal(fetching(**changes))
