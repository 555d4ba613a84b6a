"""What a model or graph in mode knative cannot have: Knative's own ingress is the way in."""

from __future__ import annotations

from ..environment.access import NO_ACCESS, Access, ModelAccess, effective


def unguarded(gateway: Access, own: ModelAccess | None) -> str | None:
    """Why mode knative cannot be had, after ``mode``: callers would go past what is asked of them; None: nothing is.

    Args:
        gateway: what the gateway asks of every caller.
        own: what the model or graph asks otherwise.
    """
    asked = effective(gateway, own).model_copy(update={"mesh": "none", "rate_limit_redis": None})
    if asked == NO_ACCESS:
        return None
    where = "gateway.access" if own is None else "access"
    return f"knative goes past the gateway, and so past what {where} asks of callers; take mode standard"
