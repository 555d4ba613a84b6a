"""Random damage to a YAML file, the same for the same seed."""

from __future__ import annotations

import random

NOISE = [
    "\t",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!x ",
    "'",
    '"',
    "#",
    "\n",
    "~",
    "<<: ",
    "\x00",
    "é",
    "|",
    ">",
    "? ",
    "%",
    "@",
]
VALUES = [
    "-1",
    "0",
    "1e999",
    ".nan",
    "true",
    "[]",
    "{}",
    "''",
    "x" * 300,
    "99999999999999999999999",
    "1.5",
    "null",
    "[[]]",
    "{a: b}",
]


def mutated(text: str, chance: random.Random) -> str:
    """``text`` with one line deleted, repeated, moved, swapped, or changed."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    match chance.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        case 2:
            lines[at] = " " * chance.randrange(8) + lines[at].lstrip()
        case 3:
            lines[at] = lines[at].partition(":")[0] + ": " + chance.choice(VALUES)
        case 4:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 5:
            column = chance.randint(0, len(lines[at]))
            lines[at] = lines[at][:column] + chance.choice(NOISE) + lines[at][column:]
        case 6:
            key, colon, value = lines[at].partition(":")
            lines[at] = key + chance.choice("abcxyz") + colon + value
        case _:
            column = chance.randint(0, len(lines[at]))
            lines[at] = lines[at][:column] + lines[at][column + chance.randint(1, 5) :]
    return "\n".join(lines)
