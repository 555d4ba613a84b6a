"""The sentiment example's dashboard in a real browser, before the real Triton server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from modelyard.serving.client import Client, Endpoint
from modelyard.trial.packages import CannotInstall
from servers.sentiment_example import dashboard, served
from servers.triton_server import install

from .conftest import Browser
from .test_plan_page import _colour, _complaints, _contrast, _requests

pytestmark = [pytest.mark.browser, pytest.mark.servers]
CACHE = Path(__file__).parents[2] / ".cache"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        home = install(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no Triton server, so the dashboard was not looked at: {error}")
    folder = tmp_path_factory.mktemp("sentiment") / "models"
    with served(home, folder) as url, dashboard(Client(Endpoint.at(url, "sentiment"))) as address:
        yield address


def opened(browser: Browser, page: str, *, width: int = 1280, dark: bool = False) -> None:
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    browser.send("Emulation.setEmulatedMedia", features=scheme)
    browser.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
    browser.events.clear()
    browser.send("Page.navigate", url=page)
    until(browser, "document.readyState === 'complete' && document.getElementById('place').textContent !== ''")


def until(browser: Browser, expression: str) -> None:
    for _ in range(300):
        if browser.evaluate(expression):
            return
        time.sleep(0.1)
    raise AssertionError(f"never came true: {expression}")


def ask(browser: Browser, text: str, button: str = "ask") -> None:
    browser.evaluate(f"document.getElementById('text').value = {text!r}")
    browser.evaluate("document.getElementById('answer').replaceChildren()")
    browser.evaluate(f"document.getElementById('{button}').click()")
    until(browser, "document.getElementById('answer').textContent !== ''")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_and_its_text_can_be_read(browser: Browser, page: str, width: int, dark: bool) -> None:
    opened(browser, page, width=width, dark=dark)
    for text, label in (("I love this shop", "positive"), ("I hate this shop " + "x" * 80, "negative")):
        ask(browser, text)
        assert browser.evaluate("document.querySelector('.label').textContent") == label
        raised = _colour(browser, "section", "backgroundColor")
        assert _contrast(_colour(browser, ".label", "color"), raised) >= 4.5
    assert _contrast(_colour(browser, "#place", "color"), _colour(browser, "body", "backgroundColor")) >= 4.5
    assert _contrast(_colour(browser, "#ask", "color"), _colour(browser, "#ask", "backgroundColor")) >= 4.5
    assert _contrast(_colour(browser, "#many", "color"), raised) >= 4.5
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert browser.evaluate("[...document.querySelectorAll('button')].every((e) => e.offsetHeight >= 44)")
    assert _complaints(browser) == []
    assert {url.rpartition("/")[0].removesuffix("/api") for url in _requests(browser)} == {page}


def test_dark_and_light_differ(browser: Browser, page: str) -> None:
    grounds = []
    for dark in (False, True):
        opened(browser, page, dark=dark)
        grounds.append(_colour(browser, "body", "backgroundColor"))
    assert grounds[0] != grounds[1]


def test_the_p99_is_of_the_requests_that_were_sent(browser: Browser, page: str) -> None:
    opened(browser, page)
    ask(browser, "Lovely staff", "many")
    assert browser.evaluate("document.getElementById('count').textContent") == "100"
    shown = browser.evaluate("Number(document.getElementById('p99').textContent)")
    ranked = "[...times].sort((a, b) => a - b)[98]"
    assert shown == pytest.approx(browser.evaluate(ranked), abs=0.5)
    assert browser.evaluate("Number(document.getElementById('p50').textContent)") <= shown
    assert browser.evaluate("document.getElementById('times').points.numberOfItems") == 100


def test_a_text_is_text_and_never_markup(browser: Browser, page: str) -> None:
    opened(browser, page)
    ask(browser, "<img src=x onerror=alert(1)>")
    assert browser.evaluate("document.querySelector('#rows td').textContent") == "<img src=x onerror=alert(1)>"
    assert browser.evaluate("document.images.length") == 0


def test_a_model_that_is_not_there_is_a_sentence(browser: Browser) -> None:
    with dashboard(Client(Endpoint.at(NOBODY, "sentiment"), attempts=1)) as address:
        opened(browser, address)
        ask(browser, "Lovely staff")
        said = browser.evaluate("document.querySelector('.error').textContent")
    assert said == "127.0.0.1 is not reached (connection refused); check the address and the network"
