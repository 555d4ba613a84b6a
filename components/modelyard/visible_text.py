"""Text that cannot steer the terminal or the page that shows it."""

from __future__ import annotations

import re

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: object) -> str:
    """The text with control, bidirectional and zero-width characters written as ``\\x1b`` or ``\\u202e``.

    Line feeds and tabs stay.
    """
    return _STEERING.sub(lambda found: _escaped(ord(found.group())), str(text))


def one_line(text: object) -> str:
    """As :func:`visible`, with every run of white space made one space."""
    return visible(" ".join(str(text).split()))


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
