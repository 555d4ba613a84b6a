"""Kyverno's own controller judges pods by the policies that ImageVerification writes, and images that cosign signed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from modelyard.governance.ownership import Ownership
from modelyard.offline import run
from modelyard.registry.image_verification import ImageVerification
from recorded_graph import one

from . import kyverno
from .api import Api, Object, Refused, until
from .build import built
from .control_plane import ControlPlane, NotHere, control_plane
from .kyverno import REGISTRY, Images, Signer

pytestmark = pytest.mark.whole

PLATFORM = Ownership("platform", "CC-1000", "prod", "ml-platform@retail.example")
POLICY = "kubernetes:policies.kyverno.io/v1:ImageValidatingPolicy"


class Judged:
    """A control plane with Kyverno, two signers, and images."""

    def __init__(self, plane: ControlPlane, api: Api) -> None:
        self.plane, self.api = plane, api
        self.images = Images(plane)
        self.ours, self.theirs = self.images.signer("ours"), self.images.signer("theirs")
        kyverno.start(plane, api)
        for namespace in ("default", "kube-system"):
            # No controller is here to make them, and pods have to have one.
            api.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _named("default", namespace)})
        self._number = 0

    def pod(self, namespace: str = "default", **containers: list[str]) -> Object:
        """By lists of images: ``containers``, ``initContainers``."""
        self._number += 1
        spec = {
            kind: [{"name": f"{kind.lower()}-{at}", "image": image} for at, image in enumerate(images)]
            for kind, images in containers.items()
        }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": _named(f"pod-{self._number}", namespace),
            "spec": spec,
        }


def _answers(api: Api, pod: Object) -> bool:
    try:
        api.apply(pod, dry_run=True)
    except Refused as refused:
        assert "failed calling webhook" in str(refused)
        return False
    return True


def _named(name: str, namespace: str) -> dict[str, str]:
    return {"name": name, "namespace": namespace}


@pytest.fixture(scope="module")
def judged() -> Iterator[Judged]:
    if built("kyverno") is None:
        pytest.skip("Kyverno is not built, so its policies are NOT judged; run `python tests/controlplane/build.py`")
    try:
        with control_plane() as plane:
            api = plane.api()
            made = Judged(plane, api)
            for name, args in policies(made.ours).items():
                api.apply(policy(name, args))
            for name in policies(made.ours):
                kyverno.until_judged(plane, api, name)
            until(lambda: _answers(api, made.pod(containers=["example.com/other"])), 60, "Kyverno has no certificate")
            yield made
            api.close()
    except NotHere as error:
        pytest.skip(f"no control plane to test against: {error}")


def policies(ours: Signer) -> dict[str, dict[str, Any]]:
    """By name, what is declared: each for repositories of its own."""
    key = {"keys": [{"name": "release-key", "public_key": ours.public}], "transparency_log": False}
    return {
        "prod": {**key, "images": [f"{REGISTRY}/prod/*"]},
        "tried": {**key, "images": [f"{REGISTRY}/tried/*"], "enforcement": "audit"},
        "tagged": {**key, "images": [f"{REGISTRY}/tagged/*"], "require_digest": False},
        "written": {**key, "images": [f"{REGISTRY}/written/*"], "write_digests": True},
    }


def policy(name: str, args: dict[str, Any]) -> Object:
    arguments: Any = {**args, "install": False, "ownership": PLATFORM.args()}
    graph = run(lambda: ImageVerification(name, arguments) and None, project="modelyard", stack="prod", mode="up").graph
    return dict(one(graph, POLICY).inputs)


def test_a_signed_image_runs(judged: Judged) -> None:
    image = judged.images.push("prod/shop/tagger")
    judged.images.sign(image, judged.ours)
    judged.api.create(judged.pod(containers=[image], initContainers=[image]))


def test_so_does_one_whose_signature_is_kept_as_cosign_2_did(judged: Judged) -> None:
    image = judged.images.push("prod/shop/tagger")
    judged.images.sign(image, judged.ours, "--new-bundle-format=false")
    judged.api.create(judged.pod(containers=[image]))


def test_an_unsigned_image_does_not(judged: Judged) -> None:
    image = judged.images.push("prod/shop/tagger")
    refused(judged, judged.pod(containers=[image]), "an image of a container has no signature of anybody whom prod")


def test_nor_one_that_somebody_else_signed(judged: Judged) -> None:
    image = judged.images.push("prod/shop/tagger")
    judged.images.sign(image, judged.theirs)
    refused(judged, judged.pod(containers=[image]), "has no signature of anybody whom prod names")


def test_an_unsigned_init_container_keeps_a_pod_out(judged: Judged) -> None:
    signed, other = judged.images.push("prod/shop/tagger"), judged.images.push("prod/shop/loader")
    judged.images.sign(signed, judged.ours)
    refused(judged, judged.pod(containers=[signed], initContainers=[other]), "an image of an init container has no")


def test_images_have_to_be_named_by_digest(judged: Judged) -> None:
    image = judged.images.push("prod/shop/tagger", tag="2")
    judged.images.sign(image, judged.ours)
    refused(judged, judged.pod(containers=[f"{REGISTRY}/prod/shop/tagger:2"]), "digest")


def test_or_not_where_the_declaration_says_so(judged: Judged) -> None:
    image = judged.images.push("tagged/shop/tagger", tag="2")
    judged.images.sign(image, judged.ours)
    judged.api.create(judged.pod(containers=[f"{REGISTRY}/tagged/shop/tagger:2"]))
    judged.images.push("tagged/shop/tagger", tag="3")
    refused(judged, judged.pod(containers=[f"{REGISTRY}/tagged/shop/tagger:3"]), "no signature of anybody whom tagged")


def test_a_tag_becomes_its_digest_in_pods_alone(judged: Judged) -> None:
    image = judged.images.push("written/shop/tagger", tag="2")
    judged.images.sign(image, judged.ours)
    tagged = f"{REGISTRY}/written/shop/tagger:2"
    (container,) = judged.api.create(judged.pod(containers=[tagged]))["spec"]["containers"]
    assert container["image"].endswith(image.partition("@")[2])
    (template,) = judged.api.create(deployment("written", [tagged]))["spec"]["template"]["spec"]["containers"]
    assert template["image"] == tagged
    judged.images.push("written/shop/tagger", tag="3")
    refused(
        judged, judged.pod(containers=[f"{REGISTRY}/written/shop/tagger:3"]), "no signature of anybody whom written"
    )


def test_an_audit_lets_it_run(judged: Judged) -> None:
    judged.api.create(judged.pod(containers=[judged.images.push("tried/shop/tagger")]))


def test_images_that_nobody_declared_are_not_judged(judged: Judged) -> None:
    judged.api.create(judged.pod(containers=[judged.images.push("dev/shop/tagger")]))


def test_namespaces_that_are_left_out_are_not_judged(judged: Judged) -> None:
    image = judged.images.push("prod/shop/tagger")
    judged.api.create(judged.pod("kube-system", containers=[image]))


def test_a_deployment_is_refused_before_it_makes_pods(judged: Judged) -> None:
    image = judged.images.push("prod/shop/tagger")
    refused(judged, deployment("unsigned", [image]), "has no signature of anybody whom prod names")
    judged.images.sign(image, judged.ours)
    made = judged.api.create(deployment("signed", [image]))
    assert made["spec"]["template"]["spec"]["containers"][0]["image"] == image, "a program's template stays as it was"


def deployment(name: str, images: list[str]) -> Object:
    labels = {"app": name}
    spec = {"containers": [{"name": f"c{at}", "image": image} for at, image in enumerate(images)]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _named(name, "default"),
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }


def refused(judged: Judged, thing: Object, told: str) -> None:
    with pytest.raises(Refused) as raised:
        judged.api.create(thing)
    assert told in str(raised.value)
