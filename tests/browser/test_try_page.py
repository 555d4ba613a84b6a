"""The page of a trial in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.trial.html.page import parts
from unit.trial.tried import result

from .conftest import Browser
from .test_plan_page import _complaints, _requests

pytestmark = pytest.mark.browser
CHARTS = ["chart-latency", "chart-stages", "chart-batches", "chart-seconds"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trial") / "trial.html"
    path.write_text("".join(parts(result())), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_is_whole(browser: Browser, page: Path, width: int, dark: bool) -> None:
    """Every chart is drawn, nothing is asked of the network, nothing complains, nothing leaves the screen."""
    browser.open(page, width=width, dark=dark)
    drawn = "[...document.querySelectorAll('.chart')].filter((e) => e.querySelector('.main-svg')).map((e) => e.id)"
    assert browser.evaluate(drawn) == CHARTS
    assert _requests(browser) == [page.as_uri()]
    assert _complaints(browser) == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    background = "getComputedStyle(document.body).backgroundColor"
    assert browser.evaluate(background) == ("rgb(20, 24, 29)" if dark else "rgb(255, 255, 255)")


def test_what_the_page_says_first(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.evaluate("document.querySelector('[role=status]').textContent") == f"{result().conclusion}."
    told = browser.evaluate("document.getElementById('notices').textContent")
    assert "deployed on release 26.07" in told
    assert "xgboost 3.2.0 in a Python backend instead of fil of release 26.07" in told


def test_each_line_of_a_chart_is_named(browser: Browser, page: Path) -> None:
    browser.open(page)
    names = "[...document.querySelectorAll('#chart-latency + .legend li')].map((e) => e.textContent)"
    assert browser.evaluate(names) == ["measured", "predicted", "objective"]
