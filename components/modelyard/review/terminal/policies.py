"""What the policy pack found, mandatory before advisory."""

from __future__ import annotations

from rich.text import Text

from ..conclusion import counted
from ..plan import PlanDocument
from ..policy_groups import PolicyGroup, grouped, holding, undecided
from .section import Page


def print_policies(document: PlanDocument, page: Page) -> None:
    hold = holding(document)
    late = len(undecided(document))
    checked = f"{len(hold)} of {len(document.policies_checked)} hold" if document.policies_checked else ""
    if checked and late:
        checked += f", {late} undecided"
    page.heading("Policies", checked)
    groups = grouped(document.policies)
    for group in groups:
        _print_group(group, page)
    if not groups:
        page.console.print(Text("  no findings", style="green"))


def _print_group(group: PolicyGroup, page: Page) -> None:
    mandatory = group.level == "mandatory"
    line = Text("  ")
    line.append(page.text(group.standing), style="bold red" if mandatory else "dim" if group.undecided else "yellow")
    line.append(f" {page.text(group.policy)}", style="bold")
    if len(group.verdicts) > 1:
        line.append(f"  {_number(group)}", style="dim")
    page.console.print(line)
    findings = group.findings()
    for finding in page.first(findings):
        page.item(f"{finding.about}: {finding.message}")
    page.rest(findings)


def _number(group: PolicyGroup) -> str:
    number = len(group.verdicts)
    return counted(number, "resource", "resources") if group.undecided else counted(number, "finding", "findings")
