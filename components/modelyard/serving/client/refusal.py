"""Why there is no answer: each a sentence for the person who asks, and never with a token in it."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 300


class NotAnswered(Exception):
    """There is no answer that could be used."""


class NoSuchEndpoint(NotAnswered):
    """The outputs of the stack name no such endpoint."""


class CannotAsk(NotAnswered):
    """Nothing was sent: the request or the endpoint is not one that can be asked so."""


class NoCredentials(NotAnswered):
    """Nothing was sent: nobody said who asks."""


class NotReached(NotAnswered):
    """There is no way to the endpoint."""


class TookTooLong(NotAnswered):
    """The time was over before the answer; the request may have been served, so it is not sent again."""


class Refused(NotAnswered):
    """The endpoint answered with an error."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status
        """Of HTTP."""


class Unreadable(NotAnswered):
    """The answer is not in the Open Inference Protocol."""


def one_line(text: str, secrets: Iterable[str] = ()) -> str:
    """A server's words, short, on one line, and without the secrets that it may repeat."""
    for secret in secrets:
        text = text.replace(secret, "[secret]") if secret else text
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split()).rstrip(".")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
