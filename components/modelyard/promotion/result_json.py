"""A judgement for programs: JSON of schema 1.

======================  ==============================================================================================
``schema``              1
``environment``         its name; ``department`` and ``model``; ``file`` that declares the rollout
``rollout``             ``stable``, ``canary``, ``percent``, ``steps``, ``pause_minutes``, as declared
``clusters``            ``cluster``, ``prometheus`` (its URL), ``requests`` and ``canary_requests`` of the gates'
                        window, ``held_minutes`` (null: not known, or not asked), and ``gates``: ``name``, ``query``,
                        ``value`` (null: no result, or infinite), ``least``, ``most``, ``outcome`` (pass, fail,
                        undetermined), ``note``
``decision``            ``action`` (promote, roll_back, finish, hold), ``percent`` (null: as it is), ``reasons``
``change``              lines of the file: ``line`` (before the change), ``before`` and ``after`` (null: none)
``written``             whether the file was changed
``conclusion``          the sentence that the terminal ends with; ``exit_code`` 0, 2 or 3
======================  ==============================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from .conclusion import conclusion
from .declared_change import ChangedLine
from .judgement import Answer, Judgement

SCHEMA = 1


def parts(judgement: Judgement, change: Sequence[ChangedLine], written: bool) -> Iterator[str]:
    """The document's text."""
    yield json.dumps(document(judgement, change, written), indent=2, ensure_ascii=True, allow_nan=False)
    yield "\n"


def document(judgement: Judgement, change: Sequence[ChangedLine], written: bool) -> dict[str, Any]:
    """The document as plain values."""
    canary, decision = judgement.canary, judgement.decision
    return {
        "schema": SCHEMA,
        "environment": canary.environment,
        "department": canary.department,
        "model": canary.model,
        "file": canary.file_name,
        "rollout": canary.rollout.model_dump(include={"stable", "canary", "percent", "steps", "pause_minutes"}),
        "clusters": [
            {
                "cluster": each.cluster,
                "prometheus": each.prometheus,
                "requests": round(each.requests, 1),
                "canary_requests": round(each.canary_requests, 1),
                "held_minutes": each.held_minutes,
                "gates": [_gate(answer) for answer in each.answers],
            }
            for each in judgement.clusters
        ],
        "decision": {"action": decision.action, "percent": decision.percent, "reasons": list(decision.reasons)},
        "change": [{"line": each.number, "before": each.before, "after": each.after} for each in change],
        "written": written,
        "conclusion": conclusion(judgement, written),
        "exit_code": decision.exit_code,
    }


def _gate(answer: Answer) -> dict[str, Any]:
    gate, value = answer.gate, answer.value
    return {
        "name": gate.name,
        "query": gate.query,
        "value": value if value is not None and isfinite(value) else None,
        "least": gate.least,
        "most": gate.most,
        "outcome": answer.outcome,
        "note": answer.note or ("infinite" if value is not None and not isfinite(value) else ""),
    }
