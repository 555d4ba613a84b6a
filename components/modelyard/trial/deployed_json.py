"""What a deployed model answered, for programs: JSON of schema 1.

===============  =====================================================================================================
``schema``       1
``model``        its name, and ``environment`` (or null)
``conclusion``   the sentence that the terminal ends with; ``exit_code`` 0, 1 or 3
``compared``     ``golden.json``, or ``configuration``: names, data types and shapes of the outputs alone
``places``       ``where`` (region or cluster; empty: an address was given), ``target``, ``url``, ``served_by`` (answers
                 by who gave them), ``median_ms``, and ``requests``: ``name``, ``right``, ``wrong`` (why, or null),
                 ``unanswered`` (why, or null), ``served_by``, ``latency_ms``
===============  =====================================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .deployed import Asked, Place, SmokeOfDeployed

SCHEMA = 1


def parts(result: SmokeOfDeployed) -> Iterator[str]:
    """The document's text."""
    yield json.dumps(document(result), indent=2, ensure_ascii=True, allow_nan=False)
    yield "\n"


def document(result: SmokeOfDeployed) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "model": result.model,
        "environment": result.environment,
        "conclusion": f"{result.conclusion}.",
        "exit_code": result.exit_code,
        "compared": "golden.json" if result.is_known else "configuration",
        "places": [_place(each) for each in result.places],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "where": place.where,
        "target": place.target,
        "url": place.url,
        "served_by": place.served_by,
        "median_ms": place.median_ms,
        "requests": [_asked(each) for each in place.asked],
    }


def _asked(asked: Asked) -> dict[str, Any]:
    return {
        "name": asked.question,
        "right": asked.is_right,
        "wrong": asked.wrong,
        "unanswered": asked.unanswered,
        "served_by": asked.served_by,
        "latency_ms": asked.latency_ms,
    }
