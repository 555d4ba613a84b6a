"""Numbers as Kubernetes resource quantities (API conventions, "Quantity"), always exact."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal


def cpu(cores: float) -> str:
    """``2.5`` cores are ``2500m``; whole cores stay whole. Finer than a millicore is rounded up."""
    return _milli(cores)


def gibibytes(size_gib: float) -> str:
    """``12.5`` GiB are ``12800Mi``; whole GiB stay whole. Finer than a MiB is rounded up."""
    mebi = _ceiling(Decimal(str(size_gib)) * 1024)
    return f"{mebi // 1024}Gi" if mebi % 1024 == 0 else f"{mebi}Mi"


def metric(value: float) -> str:
    """A metric's target: ``2.5`` is ``2500m``. Finer than a thousandth is rounded up."""
    return _milli(value)


def _milli(value: float) -> str:
    milli = _ceiling(Decimal(str(value)) * 1000)
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def _ceiling(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_CEILING))
