"""The program of every stack."""

from pathlib import Path

import pulumi

from ..environment.problem import InvalidEnvironment
from .platform import Platform


def deploy(stacks: Path) -> None:
    """Declare the layer that the stack's configuration names.

    ``modelyard:platform`` is the environment, a folder of ``stacks``; ``modelyard:layer`` is ``foundation``, ``all``
    or a department. A department's stack takes the foundation from the stack ``<environment>-foundation`` of the same
    project and organization.

    Raises:
        pulumi.RunError: the environment is wrong; every mistake is one line of the message; or a model wants
            the SDK of a cloud that is not installed.
    """
    config = pulumi.Config("modelyard")
    environment, layer = config.require("platform"), config.require("layer")
    try:
        platform = Platform(environment, {"folder": str(stacks / environment), "layer": layer})
    except InvalidEnvironment as error:
        raise pulumi.RunError(str(error)) from error
    except ModuleNotFoundError as error:
        if "pip install modelyard[" in str(error):
            raise pulumi.RunError(str(error)) from None
        raise
    for name, value in platform.outputs.items():
        pulumi.export(name, value)
