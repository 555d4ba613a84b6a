"""The plan's page in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from modelyard.review.html.page import parts
from unit.review.retailer import PLANTED, retailer

from .conftest import Browser

pytestmark = pytest.mark.browser
_VISIBLE_NAMES = """
[...document.querySelectorAll(".tree .r .name")].filter((each) => each.checkVisibility())
    .map((each) => each.textContent)
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "plan.html"
    path.write_text("".join(parts(retailer())), encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)])
def test_it_draws_its_charts_asks_for_nothing_and_complains_of_nothing(
    browser: Browser, page: Path, width: int, dark: bool
) -> None:
    browser.open(page, width=width, dark=dark)
    for chart, shapes in (("chart-costs", ".barlayer .point"), ("chart-shares", ".treemaplayer .slice")):
        assert browser.evaluate(f"document.querySelectorAll('#{chart} svg {shapes}').length") > 0
    assert browser.evaluate("document.querySelectorAll('#chart-placement svg .barlayer .point').length") > 0
    assert browser.evaluate("document.querySelectorAll('#chart-costs .scatterlayer .point').length") == 2
    assert browser.evaluate("document.querySelectorAll('#chart-cold-starts svg .barlayer .point').length") == 6
    legend = browser.evaluate("[...document.querySelectorAll('#chart-costs + .legend li')].map((e) => e.textContent)")
    assert legend == ["eks.NodeGroup", "eks.Cluster", "budget"]
    assert _requests(browser) == [page.as_uri()]
    assert _complaints(browser) == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_is_wider_than_the_screen(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width=width)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)])
def test_the_shares_of_a_rollout_are_seen_and_read(browser: Browser, page: Path, width: int, dark: bool) -> None:
    """Nine tenths and one tenth of the picture, in colours that stand out from the page and from each other (WCAG 2.2,
    1.4.11: 3 to 1 from the ground), and the words beside it (1.4.3: 4.5 to 1)."""
    browser.open(page, width=width, dark=dark)
    stable, canary, whole = browser.evaluate(
        """["rect.stable", "rect.canary", ""].map((part) =>
            document.querySelector(`.shares ${part}`.trim()).getBoundingClientRect().width)"""
    )
    assert whole >= 90
    assert stable / whole == pytest.approx(0.9, abs=0.01)
    assert canary / whole == pytest.approx(0.1, abs=0.01)
    ground = _colour(browser, "body", "backgroundColor")
    fills = [_colour(browser, f".shares rect.{side}", "fill") for side in ("stable", "canary")]
    assert fills[0] != fills[1]
    assert all(_contrast(fill, ground) >= 3 for fill in fills)
    assert _contrast(_colour(browser, ".rollouts .quiet", "color"), ground) >= 4.5
    assert browser.evaluate("document.querySelector('#rollouts').innerText") == "Rollouts"


@pytest.mark.parametrize("width", [390, 1280])
def test_every_label_of_the_cold_starts_is_inside_its_chart(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width=width)
    outside = browser.evaluate(
        """(() => { const frame = document.getElementById("chart-cold-starts").getBoundingClientRect();
            return [...document.querySelectorAll("#chart-cold-starts .ytick text, #chart-cold-starts .xtick text")]
                .map((each) => each.getBoundingClientRect())
                .filter((each) => each.left < frame.left - 1 || each.right > frame.right + 1).length; })()"""
    )
    assert outside == 0
    named = browser.evaluate("document.querySelector('#chart-cold-starts .ytick text').textContent")
    assert named == "product-tagging / east"
    legend = browser.evaluate(
        "[...document.querySelectorAll('#chart-cold-starts + .legend li')].map((each) => each.textContent)"
    )
    assert legend == ["signal", "node", "image", "weights", "load", "ready", "at least, altogether"]


def test_dark_and_light_differ(browser: Browser, page: Path) -> None:
    grounds = []
    for dark in (False, True):
        browser.open(page, dark=dark)
        grounds.append(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
        grounds.append(browser.evaluate("getComputedStyle(document.querySelector('#chart-costs .xtick text')).fill"))
    assert grounds[0] != grounds[2]
    assert grounds[1] != grounds[3]


def test_the_filter_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.key("/", "/")
    assert browser.evaluate("document.activeElement.id") == "filter"
    browser.send("Input.insertText", text="subnet east-b")
    browser.evaluate("new Promise((done) => setTimeout(done, 300))")
    assert browser.evaluate("document.getElementById('matches').textContent") == "1 match"
    visible = (
        "[...document.querySelectorAll('.tree .r .name')].filter((e) => e.checkVisibility()).map((e) => e.textContent)"
    )
    assert browser.evaluate(visible) == ["east", "east-b"]
    browser.evaluate(
        "(() => { const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input')); })()"
    )
    browser.evaluate("new Promise((done) => setTimeout(done, 300))")
    assert "product-tagging-east" in browser.evaluate(visible)


def test_a_resource_opens_with_the_enter_key(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.evaluate("document.querySelector('.tree .r .r > summary').focus()")
    assert browser.evaluate("document.querySelector('.tree .r .r').open") is False
    browser.key("Enter", "\r")
    assert browser.evaluate("document.querySelector('.tree .r .r').open") is True


def test_a_hostile_name_runs_nothing_and_no_secret_is_in_the_page(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert not [event for event in browser.events if event["method"] == "Page.javascriptDialogOpening"]
    assert PLANTED not in browser.evaluate("document.documentElement.outerHTML")
    assert browser.evaluate("[...document.scripts].length") == 3


def test_an_injected_script_or_request_is_refused(browser: Browser, page: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.html"
    injected = "<script>window.injected = true</script><img src='https://example.invalid/x.png'></main>"
    changed.write_text(page.read_text(encoding="utf-8").replace("</main>", injected), encoding="utf-8")
    browser.open(changed)
    assert browser.evaluate("typeof window.injected") == "undefined"
    assert any("Content Security Policy" in text for text in _complaints(browser))


def _colour(browser: Browser, selector: str, name: str) -> tuple[float, ...]:
    text = browser.evaluate(f"getComputedStyle(document.querySelector('{selector}')).{name}")
    return tuple(float(part) for part in re.findall(r"[\d.]+", text)[:3])


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2.2, "contrast ratio"."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    shares = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _requests(browser: Browser) -> list[str]:
    sent = [event["params"]["request"]["url"] for event in _of(browser, "Network.requestWillBeSent")]
    return [url for url in sent if not url.startswith("data:")]


def _complaints(browser: Browser) -> list[str]:
    browser.evaluate("new Promise((done) => setTimeout(done, 200))")
    told = [event["params"]["entry"]["text"] for event in _of(browser, "Log.entryAdded")]
    told += [str(event["params"]["exceptionDetails"]) for event in _of(browser, "Runtime.exceptionThrown")]
    calls = [event["params"] for event in _of(browser, "Runtime.consoleAPICalled")]
    return told + [str(call["args"]) for call in calls if call["type"] in ("error", "warning", "assert")]


def _of(browser: Browser, method: str) -> list[dict[str, Any]]:
    return [event for event in browser.events if event["method"] == method]
