"""Where rollouts stand: the two shares as a small picture, with the steps and gates beside it."""

from __future__ import annotations

from collections.abc import Iterator

from ...page.element import safe
from ..model_text import rollouts, shares, standing
from ..plan import PlanDocument, RolloutLine

_SHOWN = 100


def rollouts_of_models(document: PlanDocument) -> Iterator[str]:
    """Nothing where no model has a canary."""
    found = rollouts(document.models)
    if not found:
        return
    yield '<h3 id="rollouts">Rollouts</h3>\n<ul class="rollouts">\n'
    for line, rollout in found[:_SHOWN]:
        yield f"<li><strong>{safe(line.model)}</strong> {_picture(line.model, rollout)}"
        yield f'<span class="quiet">{safe(standing(rollout))}</span></li>\n'
    yield "</ul>\n"
    if len(found) > _SHOWN:
        yield f'<p class="quiet">and {len(found) - _SHOWN:,} more in the JSON document</p>\n'


def _picture(model: str, rollout: RolloutLine) -> str:
    """A bar of a hundred parts, and a line at each step."""
    stable = 100 - rollout.percent
    marks = "".join(
        f'<line class="step" x1="{100 - step}" x2="{100 - step}" y1="0" y2="10"/>' for step in rollout.steps[:-1]
    )
    named = safe(f"{model}: {shares(rollout)}")
    return (
        f'<svg class="shares" role="img" aria-label="{named}" viewBox="0 0 100 10" preserveAspectRatio="none">'
        f"<title>{named}</title>"
        f'<rect class="stable" x="0" y="0" width="{stable}" height="10"/>'
        f'<rect class="canary" x="{stable}" y="0" width="{rollout.percent}" height="10"/>{marks}</svg>'
    )
