from __future__ import annotations

import re

import pytest
from modelyard.offline.schemas.cloudformation import translated

LETTERS = r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$"
PRINTABLE = r"^[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*$"


@pytest.mark.parametrize(
    ("pattern", "taken", "refused"),
    [
        (r"^[\w+=,.@-]+$", "prod-triton", "prod triton"),
        (LETTERS, "Ärzte 42: a/b", "a?"),
        (PRINTABLE, "a description, 𝄞 included", "\x07"),
        (r"^(?<scheme>s3)://[a-z]+\Z", "s3://models", "gs://models"),
        (r"^((/[A-Za-z0-9\.,\+@=_-]+)*)/$", "/a/b/", "/a/b"),
    ],
)
def test_a_pattern_is_said_in_python(pattern: str, taken: str, refused: str) -> None:
    found = translated(pattern)
    assert found is not None
    assert re.search(found, taken)
    assert not re.search(found, refused)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"^[^\p{L}]+$", id="the complement of a class would be narrower"),
        pytest.param(r"^\p{Sc}+$", id="a class that Python has not"),
        pytest.param(r"^[a-z&&[^b]]$", id="an intersection of classes"),
        pytest.param(r"^(.*[\n\r\t\f\ ]?)*$", id="exponential time"),
        pytest.param(r"^https://([.\-_a-zA-Z0-9]+/?){3,1016}$", id="exponential time, counted"),
        pytest.param(r"[a-z", id="not a pattern"),
        pytest.param(".*", id="says nothing"),
        pytest.param("a" * 601, id="too long to show"),
    ],
)
def test_a_pattern_that_python_cannot_say_is_left_out(pattern: str) -> None:
    assert translated(pattern) is None
