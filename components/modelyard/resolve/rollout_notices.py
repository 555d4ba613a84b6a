"""What a model's rollout does to those who call it."""

from __future__ import annotations

from ..environment.model import Model
from ..environment.rollout import rollout_sentence
from .notices import Notices
from .resolved import Rollout


def add_rollout_notices(notices: Notices, model: Model, rollout: Rollout) -> None:
    """Of its canary, of its sleep meanwhile, and of moments without an answer."""
    if model.rollout is not None and model.rollout.canary is not None:
        notices.add(f"model {model.name!r} {rollout_sentence(model.rollout)}")
        if model.splitter is not None and model.rollout.gates.are_named:
            notices.add(
                f"nobody judges the gates of model {model.name!r}: {model.splitter} splits its requests where the "
                "gateway cannot tell the versions apart; promote it by hand"
            )
    if model.rollout is not None and model.scaling.min_replicas == 0 and not model.by_knative:
        notices.add_model(
            model.name,
            "does not sleep while it has a rollout, though min_replicas is 0",
            "do not sleep while they have rollouts, though min_replicas is 0",
        )
    if model.runtime == "seldon" and model.has_own_pods and model.scaling.min_replicas == 1:
        notices.add_model(
            model.name,
            "does not answer while its Server is changed: that is a StatefulSet with one replica; raise "
            "min_replicas to 2",
            "do not answer while their Servers are changed: those are StatefulSets with one replica; raise "
            "min_replicas to 2",
        )
    elif rollout.max_unavailable and model.runtime != "seldon" and model.scaling.min_replicas == 1:
        notices.add_model(
            model.name,
            "does not answer while it is rolled out: its pool is full and it has one replica; raise "
            "min_replicas to 2 or the pool's max_nodes",
            "do not answer while they are rolled out: their pools are full and they have one replica each; "
            "raise min_replicas to 2 or the pools' max_nodes",
        )
