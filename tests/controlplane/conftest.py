"""One control plane for a whole run; without it these tests are skipped and say why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .api import Api
from .build import COMMAND, NEEDED, built
from .control_plane import ControlPlane, NotHere
from .definitions import control_plane_with_definitions
from .environments import Environment, environments
from .every_runtime import every_accelerator, every_controller, every_runtime


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.controlplane)


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """etcd and the API server with every custom resource definition; ``start_scheduling`` adds what places pods."""
    missing = [module for module in NEEDED if built(module) is None]
    if missing:
        pytest.skip(
            f"no control plane to test against: {', '.join(missing)} not built; run `{COMMAND}`, which needs Go"
        )
    try:
        with control_plane_with_definitions() as plane:
            yield plane
    except NotHere as error:
        pytest.skip(f"no control plane to test against: {error}")


@pytest.fixture(scope="session")
def api(control_plane: ControlPlane) -> Iterator[Api]:
    """A cluster administrator's connection."""
    connection = control_plane.api()
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def environment_named(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Environment]:
    """Every environment by its name, planned when it is first asked for."""
    makers = (every_runtime, every_controller, every_accelerator)
    made = [make(tmp_path_factory.mktemp(make.__name__)) for make in makers]
    found = [*environments(), *made]
    return {environment.name: environment for environment in found}
