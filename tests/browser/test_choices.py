"""Where to run a model, on the plan's page in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.review.html.page import parts
from unit.review.compared import compared
from unit.review.retailer import retailer
from unit.sizing.choosing.served import machine, serverless

from .conftest import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    places = (machine("0.10", target="kubernetes", name="cpu"), machine("0.214"), serverless())
    document = retailer(choices=(compared(), compared(*places, model="rare", rate=0.001)))
    path = tmp_path_factory.mktemp("page") / "plan.html"
    path.write_text("".join(parts(document)), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)])
def test_each_option_with_a_price_has_a_bar_with_its_dollars(
    browser: Browser, page: Path, width: int, dark: bool
) -> None:
    browser.open(page, width=width, dark=dark)
    shown = [
        browser.evaluate(f"document.querySelectorAll('#chart-choice-{chart} svg .barlayer .point').length")
        for chart in (0, 1)
    ]
    assert shown == [2, 4]
    written = browser.evaluate(
        "[...document.querySelectorAll('#chart-choice-0 svg .bartext')].map((each) => each.textContent.trim())"
    )
    assert written == ["$6.26", "$73.00"]
    legend = browser.evaluate(
        "[...document.querySelectorAll('#chart-choice-1 + .legend li')].map((e) => e.textContent)"
    )
    assert legend == ["chosen", "meets", "misses"]
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    right = browser.evaluate(
        """Math.max(...[...document.querySelectorAll("#choices .bartext")]
            .map((each) => each.getBoundingClientRect().right))"""
    )
    assert right <= width


def test_the_sections_list_leads_there(browser: Browser, page: Path) -> None:
    browser.open(page, width=1280)
    assert browser.evaluate("document.querySelector('nav a[href=\"#choices\"]').textContent") == "Where to run"
    assert browser.evaluate("document.querySelectorAll('#choices tbody tr').length") == 8
