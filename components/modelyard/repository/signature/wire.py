"""Protobuf's wire format, read without the messages' classes and without what is passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

Span = tuple[int, int]
"""Where the content of a message begins and ends in the file."""
Damaged = Callable[[], Exception]
"""What is raised where the content is no protobuf."""


def fields(file: BinaryIO, within: Span, damaged: Damaged) -> Iterator[tuple[int, Span]]:
    """Number and place of each length-delimited field; other fields are passed over."""
    at, end = within
    while at < end:
        file.seek(at)
        head = file.read(20)
        tag, used = _varint(head, 0, damaged)
        wire = tag & 7
        if wire == 2:
            length, used = _varint(head, used, damaged)
            start = at + used
            at = start + length
            if at > end:
                raise damaged()
            yield tag >> 3, (start, at)
        elif wire == 0:
            at += _varint(head, used, damaged)[1]
        elif wire in (1, 5):
            at += used + (8 if wire == 1 else 4)
        else:
            raise damaged()
        if tag >> 3 == 0:
            raise damaged()


def values(content: bytes, damaged: Damaged) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a small message: a whole number, or the content of what has a length. Numbers
    of a fixed width are passed over."""
    at = 0
    while at < len(content):
        tag, at = _varint(content, at, damaged)
        wire = tag & 7
        if tag >> 3 == 0 or wire not in (0, 1, 2, 5):
            raise damaged()
        if wire == 2:
            length, at = _varint(content, at, damaged)
            if at + length > len(content):
                raise damaged()
            yield tag >> 3, content[at : at + length]
            at += length
        elif wire == 0:
            value, at = _varint(content, at, damaged)
            yield tag >> 3, value
        else:
            at += 8 if wire == 1 else 4


def _varint(content: bytes, at: int, damaged: Damaged) -> tuple[int, int]:
    value = shift = 0
    while at < len(content) and shift < 70:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise damaged()
