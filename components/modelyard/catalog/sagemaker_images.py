"""Server images that AWS keeps for SageMaker, by region: Triton, scikit-learn, XGBoost, PyTorch, TensorFlow, Hugging
Face. All are built for x86-64."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.table import UnknownName, rows

_DNS_SUFFIX = {"cn-": "amazonaws.com.cn", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov"}


@dataclass(frozen=True, slots=True)
class SageMakerImage:
    """One image."""

    framework: str
    version: str
    """Of the framework; of Triton the release, 26.05."""
    processor: str
    """``cpu`` or ``gpu``."""
    repository: str
    tag: str
    registry: str
    """Family of accounts that it lies in."""
    digest: str
    """Empty: no source read so far gives it."""
    source: str
    source_date: str

    def reference(self, region: str) -> str:
        """``<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>``, with the digest where it is known.

        Raises:
            UnknownName: the family has no registry in the region.
        """
        host = registry_host(self.registry, region, f"{self.framework} images of SageMaker")
        pinned = f"@{self.digest}" if self.digest else ""
        return f"{host}/{self.repository}:{self.tag}{pinned}"


def get(framework: str, version: str | None = None, *, processor: str = "cpu") -> SageMakerImage:
    """One image; the framework's newest one by default.

    Raises:
        UnknownName: no such framework, or it has no such version for this processor.
    """
    images = {each.version: each for each in _images() if (each.framework, each.processor) == (framework, processor)}
    if not images:
        raise UnknownName("framework of SageMaker's images", framework, frameworks())
    if version is None:
        return images[max(images, key=_ordered)]
    try:
        return images[version]
    except KeyError:
        raise UnknownName(f"{framework} version of SageMaker's {processor} images", version, images) from None


def registry_host(family: str, region: str, what: str) -> str:
    """``<account>.dkr.ecr.<region>.amazonaws.com`` of one family of accounts.

    Args:
        family: as ``sagemaker_registries.csv`` names it.
        region: of AWS.
        what: lies there, for the error.

    Raises:
        UnknownName: the family has no registry in the region.
    """
    accounts = _accounts()
    account = accounts.get((family, region))
    if account is None:
        raise UnknownName(f"region with {what}", region, [place for known, place in accounts if known == family])
    suffix = next((dns for prefix, dns in _DNS_SUFFIX.items() if region.startswith(prefix)), "amazonaws.com")
    return f"{account}.dkr.ecr.{region}.{suffix}"


def frameworks(processor: str | None = None) -> tuple[str, ...]:
    """Every framework, or those that have an image for a processor."""
    return tuple(dict.fromkeys(each.framework for each in _images() if processor in (None, each.processor)))


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.replace("-", ".").split("."))


@cache
def _images() -> tuple[SageMakerImage, ...]:
    return tuple(SageMakerImage(**row) for row in rows("sagemaker_images.csv"))


@cache
def _accounts() -> dict[tuple[str, str], str]:
    return {(row["registry"], row["region"]): row["account"] for row in rows("sagemaker_registries.csv")}
