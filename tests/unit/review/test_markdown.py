"""The plan as a pull request's comment."""

from __future__ import annotations

import pytest
from modelyard.graph import Resource, ResourceGraph
from modelyard.review.markdown import escaped, to_markdown
from modelyard.review.plan import StackPlan

from .retailer import PLANTED, VERDICTS, retailer


def test_a_reviewer_reads_totals_findings_and_what_is_unpriced() -> None:
    text = to_markdown(retailer())
    for expected in (
        "## Plan of prod: $9,876.54 a month",
        "**Broken: 1 mandatory policy violation and 1 budget broken or undetermined.**",
        "| merchandising | $4,321.09 | 44% | fail: 108% of $4,000.00 |",
        "| shared by all | $3,755.45 | 38% |  |",
        "| **total** | **$9,876.54** | | pass: 71% of $14,000.00 |",
        "- **mandatory** image-pinned",
        "- product-tagging: version 1 90 %, version 2 10 %; steps 10, 50, 100",
        "- product-tagging on east: 12 to 25 min: signal 0 to 30 s",
        "<details><summary>Unpriced, so not in the total: 2</summary>",
        "<details><summary>7 resources of prod-foundation</summary>",
        "    - eks.NodeGroup l4",
    ):
        assert expected in text
    assert PLANTED not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a|b", r"a\|b"),
        ("<script>", r"\<script\>"),
        ("[x](y) *b* `c` _d_ ~e~", r"\[x\](y) \*b\* \`c\` \_d\_ \~e\~"),
        ("@someone #12", "@\u2060someone #\u206012"),
        ("https://x.example www.x.example", "h\u2060ttps://x.example w\u2060ww.x.example"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("# head", "# head"),
        ("a\nb", "a b"),
        ("\x1b[31m", r"\\x1b\[31m"),
        ("image-pinned", "image-pinned"),
    ],
)
def test_names_format_nothing(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_it_stays_short_enough_for_a_comment() -> None:
    root = Resource("urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", "pulumi:pulumi:Stack", "p-s", {}, "s", custom=False)
    token = "aws:s3/bucket:Bucket"
    many = [Resource(f"urn:pulumi:s::p::{token}::b{n}", token, f"b{n}", {}, "s", root.urn) for n in range(9000)]
    document = retailer(
        stacks=(StackPlan("s", "all", ResourceGraph([root, *many]), {}),),
        policies=VERDICTS * 2000,
        notices=tuple(f"notice {number}" for number in range(2000)),
    )
    text = to_markdown(document)
    assert len(text) < 65_536
    assert "The resources of s are too many for a comment" in text
    assert "and 1,970 more" in text
