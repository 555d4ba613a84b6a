"""Programs inside the server that see a model before it is loaded."""

from __future__ import annotations

from ...environment.declaration import Declaration
from .texts import ParameterValue, Text


class RepositoryAgent(Declaration):
    """``ModelRepositoryAgents.Agent``, such as ``checksum``."""

    name: Text
    parameters: dict[Text, ParameterValue] = {}
