"""What one instance of a managed service offers a replica, as far as the catalogue knows it."""

from __future__ import annotations

from ..catalog.managed_instances import managed_instance
from ..environment.model import Model
from ..environment.names import CPU
from ..environment.target import ManagedTarget
from ..sizing.offer import Offer


def instance_type(model: Model) -> str | None:
    """As the model's own declaration of its target names it; None where there is none to name."""
    own = getattr(model, model.target, None)
    for key in ("instance_type", "machine_type"):
        found = getattr(own, key, None)
        if found is not None:
            return found
    return None


def offer_of(model: Model, target: ManagedTarget, region: str) -> Offer:
    """One instance as sizing takes it. Of a type that the catalogue does not know, what ``resources`` asks for.

    Args:
        model: as declared.
        target: whose instance it is.
        region: for its price.
    """
    name, own = instance_type(model), getattr(model, target)
    added = getattr(own, "accelerator", None)
    gpus = (added, getattr(own, "accelerator_count", None) or 1) if added is not None else None
    found = None if name is None else managed_instance(target, region, name, gpus)
    if found is None or found.vcpu is None:
        return Offer(CPU, cores=model.resources.cpu)
    usd = None if found.usd_per_hour is None else float(found.usd_per_hour)
    return Offer(found.accelerator or CPU, gpus=found.accelerator_count or 1, cores=float(found.vcpu), usd_per_hour=usd)
