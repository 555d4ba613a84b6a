"""Which resource types a rule looks at."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import Final


class ResourceTypes:
    """Type tokens, with ``*`` for any text: ``aws:eks/cluster:Cluster``, ``kubernetes:apps/v*:Deployment``.

    ``token in types`` is answered from memory after the first time, so that a rule costs nothing on the thousands
    of resources that it does not look at.
    """

    __slots__ = ("_answers", "_pattern", "patterns")

    def __init__(self, *patterns: str) -> None:
        self.patterns: Final = patterns
        self._pattern = re.compile("|".join(map(translate, patterns)))
        self._answers: dict[str, bool] = {}

    def __contains__(self, token: str) -> bool:
        answer = self._answers.get(token)
        if answer is None:
            answer = self._answers[token] = self._pattern.match(token) is not None
        return answer

    def __or__(self, other: ResourceTypes) -> ResourceTypes:
        return ResourceTypes(*self.patterns, *other.patterns)


EVERYTHING: Final = ResourceTypes("*")
