"""What a profile says that a load will measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..repository import stages
from ..repository.repository import Repository
from .processor import processor

if TYPE_CHECKING:
    from ..sizing.prediction import Prediction
    from ..sizing.profile import MeasuredProfile


def expected(
    repository: Repository,
    profile: MeasuredProfile | None,
    *,
    rate: float,
    accelerator: str,
    cores: int | None,
    client_cpu_ms: float,
) -> Prediction | str:
    """The prediction, or why there is none.

    ``cores`` are those that the server and the sender of the load share; None: the server runs elsewhere.
    """
    if profile is None:
        return "there is no profile.json; measure one with --profile"
    lacking = [name for name in repository.stages() if profile.stage(name, accelerator) is None]
    if lacking:
        return f"profile.json has no times of {' and '.join(lacking)} on {accelerator}; measure them with --profile"
    if cores is not None and profile.processor != processor():
        return f"profile.json was measured on {profile.processor}, and this is {processor()}; measure with --profile"
    from ..sizing.prediction import predict

    try:
        return predict(
            profile,
            stages.settings(repository),
            rate,
            cores,
            pipeline=stages.pipeline(repository),
            accelerators=dict.fromkeys(repository.stages(), accelerator),
            client_cpu_ms=client_cpu_ms,
        )
    except ValueError as error:
        return f"{error}; measure the profile again with --profile"
