"""What the policy pack found, mandatory before advisory."""

from __future__ import annotations

from rich.text import Text

from ..conclusion import counted
from ..plan import PlanDocument
from ..policy_groups import PolicyGroup, grouped, holding
from .section import Page


def print_policies(document: PlanDocument, page: Page) -> None:
    hold = holding(document)
    checked = f"{len(hold)} of {len(document.policies_checked)} hold" if document.policies_checked else ""
    page.heading("Policies", checked)
    groups = grouped(document.policies)
    for group in groups:
        _print_group(group, page)
    if not groups:
        page.console.print(Text("  no findings", style="green"))


def _print_group(group: PolicyGroup, page: Page) -> None:
    mandatory = group.level == "mandatory"
    line = Text("  ")
    line.append(page.text(group.level), style="bold red" if mandatory else "yellow")
    line.append(f" {page.text(group.policy)}", style="bold")
    if len(group.verdicts) > 1:
        line.append(f"  {counted(len(group.verdicts), 'finding', 'findings')}", style="dim")
    page.console.print(line)
    findings = group.findings()
    for finding in page.first(findings):
        page.item(f"{finding.about}: {finding.message}")
    page.rest(findings)
