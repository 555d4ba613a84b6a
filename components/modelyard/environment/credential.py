"""Texts that are credentials, or that may be: they are refused in files and shown nowhere."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from math import log2
from typing import Any

_KNOWN_FORMS = (
    ("an AWS access key", r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])"),
    ("a private key", r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY"),
    ("a JSON web token", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    ("a GitHub token", r"(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    ("a GitLab token", r"glpat-[A-Za-z0-9_-]{16,}"),
    ("a Slack token", r"xox[abeoprs]-[A-Za-z0-9-]{8,}"),
    ("a Slack webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{8,}"),
    ("a Hugging Face token", r"hf_[A-Za-z0-9]{20,}"),
    ("a Stripe key", r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}"),
    ("an API key", r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{16,}"),
    ("a Google API key", r"AIza[A-Za-z0-9_-]{30,}"),
    ("an NVIDIA NGC key", r"nvapi-[A-Za-z0-9_-]{20,}"),
    ("a Pulumi access token", r"pul-[a-f0-9]{40}"),
    ("a Vault token", r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),
    ("a URL with a password", r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"),
)
_KNOWN = re.compile("|".join(f"({pattern})" for _, pattern in _KNOWN_FORMS))
_HARMLESS = re.compile(
    r"sha256:[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    # What anybody may have of a pair of keys.
    r"|-----BEGIN (?P<public>PUBLIC KEY|CERTIFICATE)-----[A-Za-z0-9+/=\s]*-----END (?P=public)-----"
    # A version in Key Vault: the address of a secret or a key, and nothing of it.
    r"|https://[a-z0-9-]+\.vault\.[a-z.]+/(?:keys|secrets)/[A-Za-z0-9-]+/[0-9a-f]{32}(?![0-9A-Za-z])"
)
_LONG_MIXED = re.compile(r"[A-Za-z0-9+_=-]{28,}")
_LONG_PLAIN = re.compile(r"[a-z0-9]{32,}|[A-Z0-9]{32,}")
_AWS_SECRET_KEY = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")

_SECRET_PARTS = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|APIKEY|PRIVATEKEY|ACCESSKEY|AUTHKEY|SIGNINGKEY|ENCRYPTIONKEY"
    r"|ROUTINGKEY|CONNECTIONSTRING|WEBHOOK"
)
_SECRET_WORDS = re.compile(r"(?:^|_)(?:[A-Z0-9]*TOKEN|PWD|PASS|PAT)(?:_|$)")
_PLACE_OR_MEASURE = re.compile(r"_(?:FILE|PATH|DIR|ARN|LENGTH|LIMIT|COUNT|SIZE|TTL|TYPE)$")


@lru_cache(maxsize=65536)
def credential(text: str, *, guess: bool = True) -> str | None:
    """What kind of credential ``text`` holds, in words ("an AWS access key"), or None.

    Known forms are recognised anywhere in the text. Long random-looking texts count too, except image digests, UUIDs,
    public keys, certificates and versions in Key Vault, unless ``guess`` is False: 28 characters with both cases and
    digits and at least 4.1 bits of entropy each, or 32 of one case with digits.
    """
    if len(text) < 8:
        return None
    found = _KNOWN.search(text)
    if found:
        return _KNOWN_FORMS[(found.lastindex or 1) - 1][0]
    if not guess or len(text) < 28:
        return None
    rest = _HARMLESS.sub(" ", text)
    for run in _LONG_MIXED.findall(rest) + _AWS_SECRET_KEY.findall(rest):
        if _mixes_cases_and_digits(run) and _bits_per_character(run) >= 4.1:
            return "a long random text, as keys and tokens are"
    for run in _LONG_PLAIN.findall(rest):
        digits = sum(character.isdigit() for character in run)
        if digits >= 4 and len(run) - digits >= 4 and _bits_per_character(run) >= 3:
            return "a long random text, as keys and tokens are"
    return None


@lru_cache(maxsize=4096)
def names_secret(name: str) -> bool:
    """Whether the name of a variable or key says that its value is secret: DB_PASSWORD, apiKey, HF_TOKEN.

    TOKENIZERS_PARALLELISM, MAX_TOKENS and AWS_WEB_IDENTITY_TOKEN_FILE are not: they name no secret, or a place.
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper().replace("-", "_").replace(".", "_").replace(" ", "_")
    if _PLACE_OR_MEASURE.search(words):
        return False
    return bool(_SECRET_PARTS.search(words.replace("_", "")) or _SECRET_WORDS.search(words))


def shown(value: Any, limit: int = 80) -> str:
    """``value`` as an error may show it: its ``repr`` cut at ``limit`` characters, or ``[hidden]`` if it may be a
    secret."""
    if isinstance(value, str):
        if credential(value):
            return "[hidden]"
    elif value is None:
        return "nothing"
    elif isinstance(value, bool):
        return "true" if value else "false"
    elif isinstance(value, dict):
        return "a mapping"
    elif isinstance(value, list | tuple):
        return "a list"
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 4]}...{text[-1]}"


def _mixes_cases_and_digits(text: str) -> bool:
    return any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text))


def _bits_per_character(text: str) -> float:
    size = len(text)
    return -sum(count / size * log2(count / size) for count in Counter(text).values())
