"""Policy verdicts, those that break a deployment open."""

from __future__ import annotations

from collections.abc import Iterator

from ...page.element import safe
from ..conclusion import counted
from ..plan import PlanDocument
from ..policy_groups import grouped, holding

_FINDINGS_SHOWN = 200


def policies_section(document: PlanDocument) -> Iterator[str]:
    yield '<section id="policies"><h2>Policies</h2>\n'
    groups = grouped(document.policies)
    for group in groups:
        mandatory = group.level == "mandatory"
        style = "bad" if mandatory else "later" if group.undecided else "warn"
        words = ("resource", "resources") if group.undecided else ("finding", "findings")
        yield f'<details class="policy {style}"{" open" if mandatory else ""}><summary>'
        yield f'<span class="level">{safe(group.standing)}</span> <b>{safe(group.policy)}</b> '
        yield f'<span class="quiet">{counted(len(group.verdicts), *words)}</span></summary>\n'
        if group.description:
            yield f'<p class="quiet">{safe(group.description)}</p>\n'
        yield "<ul>\n"
        findings = group.findings()
        for finding in findings[:_FINDINGS_SHOWN]:
            title = safe("\n".join(finding.urns[:50]))
            yield f'<li><b title="{title}">{safe(finding.about)}</b>: {safe(finding.message)}</li>\n'
        yield "</ul>\n"
        if len(findings) > _FINDINGS_SHOWN:
            yield f'<p class="quiet">and {len(findings) - _FINDINGS_SHOWN:,} more in the JSON document</p>\n'
        yield "</details>\n"
    if not groups:
        yield '<p class="good">No findings.</p>\n'
    hold = holding(document)
    if hold:
        yield f"<details><summary>{counted(len(hold), 'policy holds', 'policies hold')}</summary><p>"
        yield ", ".join(f"<code>{safe(name)}</code>" for name in hold)
        yield "</p></details>\n"
    yield "</section>\n"
