"""A secret that is given as a value is refused, and no line ever shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.environment.credential import credential, names_secret, shown

from .folder import PLATFORM, TOYS, lines, replaced, write

AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4"
SLACK = "xoxb-" + "123456789012-abcdefABCDEF"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
HUGGING_FACE = "hf_" + "AbCdEfGhIjKlMnOpQrStUvWx"
STRIPE = "sk_" + "live_abcdefghijklmnop1234"
OPENAI = "sk-" + "proj-abcdEFGH1234ijklMNOP"
PEM = "-----BEGIN " + "RSA PRIVATE KEY-----"
URL = "postgres://" + "app:hunter2@db.example.com/models"
RANDOM = "q7Xz0PvT4mK9sLd2Wb8RfYc5Hn1Jg6Ea"
HEX = "9f86d081884c7d659a2feaa0c55ad015"

CREDENTIALS = [
    (AWS_KEY, "an AWS access key"),
    (AWS_SECRET, "a long random text, as keys and tokens are"),
    (GITHUB, "a GitHub token"),
    (SLACK, "a Slack token"),
    (JWT, "a JSON web token"),
    (HUGGING_FACE, "a Hugging Face token"),
    (STRIPE, "a Stripe key"),
    (OPENAI, "an API key"),
    (PEM, "a private key"),
    (URL, "a URL with a password"),
    (RANDOM, "a long random text, as keys and tokens are"),
    (HEX, "a long random text, as keys and tokens are"),
    (f"https://shop.example/secrets/feature-store/{HEX}", "a long random text, as keys and tokens are"),
    ("https://hooks.slack.com/" + "services/T000/B000/abcdefgh", "a Slack webhook"),
]
HARMLESS = [
    "nvcr.io/nvidia/tritonserver:26.07-py3@sha256:551599c0812bb706121410a71abda07f9920d25e6c66edf1ec07a375e49f5f90",
    "../../models/product-tagging-efficientnet-b4-onnx-fp16-2026",
    "s3://northwind-prod-models-us-east-1/merchandising/ProductTagging/EfficientNetB4/v12",
    "arn:aws:iam::123456789012:role/platform/MachineLearningPlatformAdministrator",
    "https://acme-v02.api.letsencrypt.org/directory",
    "123e4567-e89b-12d3-a456-426614174000",
    "https://shop.vault.azure.net/secrets/feature-store/0123456789abcdef0123456789abcdef",
    "https://shop.vault.azure.net/keys/models/0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "estimate for planning, not measured; replace by modelyard's own profile",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEq7Xz0PvT4mK9sLd2Wb8RfYc5Hn1J\ng6Ea+w==\n"
    "-----END PUBLIC KEY-----\n",
]


@pytest.mark.parametrize(("text", "kind"), CREDENTIALS)
def test_credential_is_recognised_and_hidden(text: str, kind: str) -> None:
    assert credential(text) == kind
    assert credential(f"prefix {text} suffix") == kind
    assert shown(text) == "[hidden]"


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_is_no_credential(text: str) -> None:
    assert credential(text) is None


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        *((name, True) for name in ("DB_PASSWORD", "PGPASSWORD", "API_KEY", "apiKey", "HF_TOKEN", "CLIENT_SECRET")),
        *(
            (name, True)
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PRIVATE_KEY", "DB_PWD", "credentials")
        ),
        *((name, False) for name in ("TOKENIZERS_PARALLELISM", "MAX_TOKENS", "MAX_TOKEN_LENGTH", "OMP_NUM_THREADS")),
        *((name, False) for name in ("AWS_WEB_IDENTITY_TOKEN_FILE", "KEYBOARD", "MONKEY", "PATH", "COMPASS")),
    ],
)
def test_name_says_secret(name: str, secret: bool) -> None:
    assert names_secret(name) is secret


def test_value_of_a_variable_whose_name_says_secret(tmp_path: Path) -> None:
    toys = replaced(
        TOYS, ("    pool: l4\n", "    pool: l4\n    env:\n      DB_PASSWORD: hunter2\n      MODE: " + AWS_KEY + "\n")
    )
    reference = (
        "put it into a secret store and write a reference here: {config: <key>} or {aws_secrets_manager: <name>}"
    )
    assert lines(write(tmp_path, PLATFORM, {"toys.yaml": toys})) == [
        "prod/departments/toys.yaml:12: models[0].env.DB_PASSWORD: the value is secret, as the name DB_PASSWORD "
        f"says; {reference} (model 'tagging')",
        f"prod/departments/toys.yaml:13: models[0].env.MODE: the value looks like an AWS access key; {reference} "
        "(model 'tagging')",
    ]


def test_reference_is_accepted_for_a_secret_variable(tmp_path: Path) -> None:
    env = "    env: {DB_PASSWORD: {config: db-password}, HF_TOKEN: {aws_secrets_manager: prod/hf-token}, MODE: fast}\n"
    toys = replaced(TOYS, ("    pool: l4\n", "    pool: l4\n" + env))
    assert lines(write(tmp_path, PLATFORM, {"toys.yaml": toys})) == []


def test_secret_where_a_reference_belongs(tmp_path: Path) -> None:
    receivers = "monitoring: {receivers: [{name: call, pagerduty_routing_key: hunter2}]}\n"
    platform = replaced(PLATFORM, ("tier: prod\n", "tier: prod\n" + receivers))
    assert lines(write(tmp_path, platform)) == [
        "prod/platform.yaml:3: monitoring.receivers[0].pagerduty_routing_key: must be a reference to a secret, "
        "{config: <key>} or {aws_secrets_manager: <name>}, never the secret itself (receiver 'call')"
    ]


PLACES = [
    ("unknown key", "tier: prod\n", "tier: prod\nnote: {secret}\n"),
    ("as a key", "tier: prod\n", "tier: prod\n? {secret}\n: 1\n"),
    ("deep in an unknown key", "tier: prod\n", "tier: prod\nnote: [{{a: [{secret}]}}]\n"),
    ("enum", "tier: prod\n", "tier: {secret}\n"),
    ("name", "name: east", "name: {secret}"),
    ("number", "monthly_budget_usd: 1000", "monthly_budget_usd: {secret}"),
    ("accelerator", "accelerator: L4\n        max", "accelerator: {secret}\n        max"),
    ("reference", "tier: prod\n", "tier: prod\nmonitoring: {{receivers: [{{name: a, webhook_url: {secret}}}]}}\n"),
    (
        "inside a reference",
        "tier: prod\n",
        "tier: prod\nmonitoring: {{receivers: [{{name: a, webhook_url: {{config: {secret}}}}}]}}\n",
    ),
    ("list item", "tier: prod\n", "tier: prod\nimage_registry: {{repositories: [{secret}]}}\n"),
    ("label", "        max_nodes: 4\n", "        max_nodes: 4\n        labels: {{a: {secret}}}\n"),
    (
        "schedule",
        "        max_nodes: 4\n",
        "        max_nodes: 4\n        schedules: [{{name: n, recurrence: {secret}}}]\n",
    ),
    (
        "time zone",
        "        max_nodes: 4\n",
        "        max_nodes: 4\n        schedules: [{{name: n, timezone: {secret}}}]\n",
    ),
    ("cidr", "10.1.0.0/16", "{secret}"),
    ("syntax error", "tier: prod\n", "tier: prod\nnote: {secret}: b\n"),
    ("twice", "tier: prod\n", "tier: prod\n? {secret}\n: 1\n? {secret}\n: 2\n"),
    ("tag", "tier: prod\n", "tier: prod\nnote: !{secret} x\n"),
    ("anchor", "tier: prod\n", "tier: prod\nnote: *{secret}\n"),
]


@pytest.mark.parametrize(("before", "after"), [pytest.param(b, a, id=i) for i, b, a in PLACES])
@pytest.mark.parametrize("secret", [AWS_KEY, GITHUB, JWT, RANDOM, HEX])
def test_credential_anywhere_is_refused_and_not_shown(tmp_path: Path, before: str, after: str, secret: str) -> None:
    told = lines(write(tmp_path, replaced(PLATFORM, (before, after.format(secret=secret)))))
    assert told
    assert not [line for line in told if secret in line]


def test_secret_in_source_is_not_shown(tmp_path: Path) -> None:
    source = "https://" + "user:hunter2@models.example.com/tagging"
    (told,) = lines(write(tmp_path, PLATFORM, {"toys.yaml": replaced(TOYS, ("../models/tagging", source))}))
    assert told.startswith(
        "prod/departments/toys.yaml:9: models[0].source: the value looks like a URL with a password;"
    )
    assert "hunter2" not in told
