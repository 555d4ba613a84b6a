"""What a model's runtime cannot do of what is declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..catalog import runtime_formats
from ..catalog.runtime_signals import measured_as, signals_of
from ..environment.access import Access
from ..environment.kserve import Companion, KServe
from ..environment.kserve import scaling_problems as kserve_scaling_problems
from ..environment.model import Model, secret_in_variable
from ..environment.rollout import canary_name
from ..environment.seldon import Seldon, rollout_problems
from ..environment.seldon import scaling_problems as seldon_scaling_problems
from .finding import Finding
from .image import own_image
from .knative import unguarded

_SERVICE_LIMIT = 63
_TEMPLATE = "{{"
_OF_THE_SERVER = ("image", "pool", "overflow_pool", "resources", "env")
"""Keys of a model that belong to its pods."""


def unfit(model: Model, gateway: Access, repositories: Sequence[str]) -> list[Finding]:
    """Everything, each where it is declared.

    Args:
        model: as declared.
        gateway: what the gateway asks of every model's callers.
        repositories: those of the image registry, which images may be of.
    """
    if model.kserve is not None:
        return [*_of_kserve(model, model.kserve, gateway, repositories), *_of_targets(model)]
    if model.seldon is not None:
        return list(_of_seldon(model, model.seldon))
    return list(_of_targets(model))


def _of_targets(model: Model) -> Iterator[Finding]:
    """Targets of Modelyard's own autoscaler, and of KEDA asked by KServe, which takes the same queries."""
    kserve = model.kserve
    if kserve is not None and (kserve.mode == "knative" or kserve.autoscaler in ("hpa", "none")):
        return
    known = signals_of(measured_as(model.server))
    for signal in ("queue_ms", "concurrency", "requests_per_second"):
        key = f"target_{signal}"
        if getattr(model.scaling, key) is not None and signal not in known:
            listed = ", ".join(f"target_{each}" for each in known)
            yield Finding(("scaling", key), f"{model.server} has no metric for it; it has {listed}")
    used = model.scaling.target_gpu_utilization_percent
    if used is not None and not model.resources.gpus:
        yield Finding(
            ("scaling", "target_gpu_utilization_percent"),
            f"{used:g} needs a GPU, and resources.gpus is 0; choose another target, or ask for a GPU",
        )


def _of_kserve(model: Model, kserve: KServe, gateway: Access, repositories: Sequence[str]) -> Iterator[Finding]:
    if kserve.protocol is not None:
        spoken = dict.fromkeys(
            protocol
            for format in runtime_formats.formats_of(kserve.server)
            for protocol in runtime_formats.get(kserve.server, format).protocols
        )
        if kserve.protocol not in spoken:
            yield Finding(
                ("kserve", "protocol"),
                f"{kserve.protocol} is none of {kserve.server}'s, which speaks {', '.join(spoken)}",
            )
    for sentence in kserve_scaling_problems(kserve.mode, kserve.autoscaler, model.scaling):
        yield _placed(sentence)
    for kind in ("transformer", "explainer"):
        companion: Companion | None = getattr(kserve, kind)
        if companion is not None:
            yield from _of_companion(kind, companion, repositories)
    for name, value in model.env.items():
        if isinstance(value, str) and _TEMPLATE in value:
            yield Finding(("env", name), f"holds {_TEMPLATE!r}, which KServe reads as a template; write it another way")
    if kserve.mode == "knative":
        yield from _past_the_gateway(model, gateway)
    elif model.rollout is not None and model.rollout.canary is not None:
        part = "predictor" if kserve.transformer is None else "transformer"
        longest = f"{canary_name(model.name, model.rollout.canary)}-{part}"
        if len(longest) > _SERVICE_LIMIT:
            yield Finding(
                ("name",),
                f"KServe would name a Service {longest}, of {len(longest)} characters; Kubernetes allows "
                f"{_SERVICE_LIMIT}, so shorten the name",
            )


def _of_companion(kind: str, companion: Companion, repositories: Sequence[str]) -> Iterator[Finding]:
    image = own_image(companion.image, repositories)
    if isinstance(image, Finding):
        yield Finding(("kserve", kind, *image.steps), image.message)
    for name, value in companion.env.items():
        if reason := secret_in_variable(name, value):
            yield Finding(("kserve", kind, "env", name), reason)
        elif _TEMPLATE in value:
            yield Finding(
                ("kserve", kind, "env", name),
                f"holds {_TEMPLATE!r}, which KServe reads as a template; write it another way",
            )


def _past_the_gateway(model: Model, gateway: Access) -> Iterator[Finding]:
    """Knative's own ingress is the way in, and it splits by chance."""
    if refused := unguarded(gateway, model.access):
        yield Finding(("kserve", "mode"), refused)
    for key in ("sticky", "mirror_percent"):
        if model.rollout is not None and getattr(model.rollout, key):
            yield Finding(
                ("rollout", key),
                "is the gateway's to do, and in mode knative Knative splits by chance; delete it, or take mode "
                "standard",
            )


def _of_seldon(model: Model, seldon: Seldon) -> Iterator[Finding]:
    for sentence in seldon_scaling_problems(model.scaling):
        yield _placed(sentence)
    for sentence in rollout_problems(model.rollout) if model.rollout is not None else ():
        yield _placed(sentence)
    if seldon.shared_server is None:
        return
    for key in _OF_THE_SERVER:
        if key in model.model_fields_set:
            yield Finding(
                (key,), "is the Server's, and seldon.shared_server names one that is there; delete it, or shared_server"
            )
    if seldon.server_config is not None:
        yield Finding(
            ("seldon", "server_config"),
            "is the Server's, and shared_server names one that is there; delete one of the two",
        )


def _placed(sentence: str) -> Finding:
    """A sentence that begins with the key that it is about, at that key: ``scaling.schedules are hours ...``."""
    key, _, rest = sentence.partition(" ")
    if key in ("autoscaler", "mode"):
        return Finding(("kserve", key), rest)
    around, _, inner = key.partition(".")
    return Finding((around, inner), rest) if inner else Finding((around,), rest)
