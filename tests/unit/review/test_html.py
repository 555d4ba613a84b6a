"""The page, as text; tests/browser looks at it in a browser."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

from modelyard.graph import Resource, ResourceGraph
from modelyard.review.html.page import parts
from modelyard.review.plan import StackPlan

from .retailer import HOSTILE, MODEL, PLANTED, retailer

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.S)


def page(**changes: object) -> str:
    return "".join(parts(retailer(**changes)))


def test_its_policy_forbids_requests_and_names_its_own_scripts_alone() -> None:
    text = page()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "connect-src 'none'" in policy[1]
    scripts = _SCRIPT.findall(text)
    assert len(scripts) == 2
    for script in scripts:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy[1]


def test_it_refers_to_nothing_outside() -> None:
    elements = _Elements(_SCRIPT.sub("", page()))
    links = [value for _, attributes in elements.found for name, value in attributes if name in ("src", "href")]
    assert links
    assert all(value is not None and value.startswith(("#", "data:,")) for value in links)


def test_text_stays_text() -> None:
    elements = _Elements(_SCRIPT.sub("", page()))
    scripts = [attributes for tag, attributes in elements.found if tag == "script"]
    assert scripts == [[("type", "application/json"), ("id", "figures")]]
    assert "TritonService </script><script>alert('x')</script>" in elements.text
    assert not [name for _, attributes in elements.found for name, _ in attributes if name.startswith("on")]


def test_a_rollout_is_a_picture_with_its_words() -> None:
    elements = _Elements(_SCRIPT.sub("", page()))
    bars = [dict(attributes) for tag, attributes in elements.found if tag == "rect"]
    assert [(bar["class"], bar["x"], bar["width"]) for bar in bars] == [("stable", "0", "90"), ("canary", "90", "10")]
    (picture,) = [dict(attributes) for tag, attributes in elements.found if tag == "svg"]
    assert picture["aria-label"] == "product-tagging: version 1 90 %, version 2 10 %"
    assert "next percent: 50; gates: error_rate at most 0.01" in elements.text


def test_cold_starts_are_told_in_full_with_their_sources() -> None:
    elements = _Elements(_SCRIPT.sub("", page()))
    assert "image 10 to 15 min (15.5 GB at 0.0167 to 0.0264 GB/s)" in elements.text
    assert "server_start 5 to 30 seconds: a Triton 2.51 server" in elements.text


def test_without_canaries_and_cold_starts_nothing_is_said_of_them() -> None:
    (place, *_) = MODEL.places
    text = page(models=(replace(MODEL, rollout=None, places=(replace(place, cold_start=None),)),))
    assert "Cold starts" not in text and "<svg" not in text.split("<script>")[0]


def test_a_canary_named_to_break_out_of_the_picture_stays_text() -> None:
    elements = _Elements(_SCRIPT.sub("", page(models=(replace(MODEL, model=HOSTILE + '"'),))))
    (picture,) = [dict(attributes) for tag, attributes in elements.found if tag == "svg"]
    assert HOSTILE in (picture["aria-label"] or "")


def test_it_shows_no_secret() -> None:
    assert PLANTED not in page()
    assert "[secret]" in page()


def test_a_large_plan_leaves_inputs_and_distant_siblings_to_the_json_document() -> None:
    root = Resource("urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", "pulumi:pulumi:Stack", "p-s", {}, "s", custom=False)
    token = "aws:s3/bucket:Bucket"
    many = [
        Resource(f"urn:pulumi:s::p::{token}::b{n}", token, f"b{n}", {"bucket": f"b{n}"}, "s", root.urn)
        for n in range(25_000)
    ]
    text = page(stacks=(StackPlan("s", "all", ResourceGraph([root, *many]), {}),))
    assert "With 25,001 resources their inputs are left to the JSON document." in text
    assert "and 24,950 more in the JSON document" in text
    assert len(text) < 6_000_000


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []
        self._data: list[str] = []
        self.feed(text)
        self.text = "".join(self._data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self._data.append(data)
