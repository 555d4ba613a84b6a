"""What a declaration of scaling asks for and a target cannot do."""

from __future__ import annotations

from ...environment.scaling import Scaling
from .scale_target import ScaleTarget
from .signals import measured_runtimes, signals_of, targets


def scaling_problems(scaling: Scaling, target: ScaleTarget) -> list[str]:
    """Sentences that follow ``scaling:``; none when everything can be done."""
    runtime = target.catalogue_runtime
    if runtime not in measured_runtimes():
        named = [wanted.signal for wanted in targets(scaling, target) if wanted.signal != "gpu_utilization_percent"]
        found = [
            f"target_{signal} needs a metric of the runtime {target.runtime!r}, and the catalogue knows none; it knows "
            f"{', '.join(measured_runtimes())}"
            for signal in named
        ]
    else:
        found = [
            f"target_{wanted.signal}: {target.runtime} has no metric for it; it has {_listed(target)}"
            for wanted in targets(scaling, target)
            if wanted.signal not in signals_of(runtime)
        ]
    if scaling.target_gpu_utilization_percent is not None and not target.gpus:
        found.append(
            f"target_gpu_utilization_percent {scaling.target_gpu_utilization_percent:g} needs a GPU, and "
            "resources.gpus is 0; choose another target, or ask for a GPU"
        )
    if scaling.min_replicas == 0 and target.gateway_clusters is None:
        found.append(
            "min_replicas 0 needs something that sees requests while there is no server, which is the gateway: give "
            "the model a hostname, or set min_replicas to 1"
        )
    return found


def _listed(target: ScaleTarget) -> str:
    return ", ".join(f"target_{signal}" for signal in signals_of(target.catalogue_runtime))
