"""A department's monthly budget, watched by AWS."""

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import pulumi

from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import key_problems
from ..governance.ownership import PLATFORM, Ownership, OwnershipArgs
from ..resolve.names import budget_name

if TYPE_CHECKING:
    import pulumi_aws as aws

_NOTICES = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
"""What is compared, and from which percentage of the budget the owner hears of it."""


class BudgetArgs(TypedDict):
    """A monthly cost budget."""

    monthly_usd: float
    """US dollars a month, more than 0."""
    whole_environment: NotRequired[bool]
    """Everything with the environment's tag instead of one department's. Default: false."""
    ownership: OwnershipArgs
    """The department, and whom to tell."""


class Budget(pulumi.ComponentResource):
    """An AWS budget over what carries the department's tag; the owner is told at 80 % and 100 % of actual cost and
    when the forecast passes 100 %.

    AWS sees the tags only after ``department`` and ``environment`` have been activated as cost allocation tags in
    the billing console of the paying account, and shows them a day later. Nodes that departments share carry the
    platform's department: they count in the whole environment's budget, and in no department's.

    Raises:
        InvalidEnvironment: an argument is wrong.
    """

    name: pulumi.Output[str]
    """Physical name, ``<environment>-<department>``."""

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"Budget {name}"
        problems = key_problems(args, BudgetArgs, component)
        if not problems and not args["monthly_usd"] > 0:
            message = f"{args['monthly_usd']!r} is not an amount of dollars above 0"
            problems.append(Problem(component, "monthly_usd", message))
        if problems:
            raise InvalidEnvironment(problems)
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:Budget", name, {}, opts)
        import pulumi_aws as aws

        whole = args.get("whole_environment", False)
        budget = aws.budgets.Budget(
            name,
            name=budget_name(ownership.environment, PLATFORM if whole else ownership.department),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{args['monthly_usd']:.2f}",
            limit_unit="USD",
            filter_expression=_counted(ownership, whole),
            metrics="UnblendedCost",
            notifications=[_notification(kind, percent, ownership.owner) for kind, percent in _NOTICES],
            tags=ownership.aws_tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = budget.name
        self.register_outputs({"name": self.name})


def _counted(ownership: Ownership, whole: bool) -> "aws.budgets.BudgetFilterExpressionArgsDict":
    """What the budget counts ("Expression" of the AWS Budgets API).

    The older cost filters read two tags as one or the other; only an expression can ask for both.
    """
    environment: Any = {"tags": {"key": "environment", "values": [ownership.environment]}}
    department: Any = {"tags": {"key": "department", "values": [ownership.department]}}
    return environment if whole else {"ands": [environment, department]}


def _notification(kind: str, percent: int, owner: str) -> "aws.budgets.BudgetNotificationArgsDict":
    return {
        "notification_type": kind,
        "comparison_operator": "GREATER_THAN",
        "threshold": percent,
        "threshold_type": "PERCENTAGE",
        "subscriber_email_addresses": [owner],
    }
