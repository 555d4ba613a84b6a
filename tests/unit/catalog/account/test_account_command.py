"""``modelyard catalog account``: what the clouds tell an account is written beside its environment, whole or not at
all, and no credential is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from modelyard.cli.__main__ import main
from modelyard.environment.account import read_account

from .account_server import SUBSCRIPTION, AccountServer, account_server, azure_size, azure_usage

SECRET = "s3cr3t-token-of-somebody"
COMPUTE = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute"
PAGE = f"{COMPUTE}/skus?page=2"
REGION = "/compute/v1/projects/northwind-prod/regions/us-central1"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("MODELYARD_CLOUD_TOKEN", SECRET)


def aws(folder: Path, server: AccountServer, *more: str) -> list[str]:
    asked = ["catalog", "account", "--cloud", "aws", "--region", "us-east-1", "--out", str(folder)]
    return [*asked, "--endpoint", server.address, *more]


def azure(folder: Path, server: AccountServer, *more: str) -> list[str]:
    asked = ["catalog", "account", "--cloud", "azure", "--region", "northeurope", "--out", str(folder)]
    return [*asked, "--account", SUBSCRIPTION, "--endpoint", server.address, *more]


def closed(kind: str, **info: list[str]) -> dict[str, object]:
    return {
        "type": kind,
        "values": ["northeurope"],
        "restrictionInfo": info,
        "reasonCode": "NotAvailableForSubscription",
    }


def with_azure(server: AccountServer) -> None:
    sizes = [
        azure_size("Standard_NC4as_T4_v3", ["3", "1", "2"], [closed("Zone", locations=["northeurope"], zones=["2"])]),
        azure_size("Standard_NC24ads_A100_v4", ["1"], [closed("Location", locations=["northeurope"])]),
        {**azure_size("Premium_LRS", ["1"]), "resourceType": "disks"},
    ]
    server.documents[f"{COMPUTE}/skus"] = {"value": sizes[:1], "nextLink": f"{{address}}{PAGE}"}
    server.documents[PAGE] = {"value": [*sizes[1:], azure_size("Standard_D4s_v5", [])]}
    usages = [
        azure_usage("Standard NCASv3_T4 Family", 8),
        azure_usage("lowPriorityCores", 3),
        azure_usage("cores", 350),
    ]
    server.documents[f"{COMPUTE}/locations/northeurope/usages"] = {"value": usages}


def test_an_account_of_aws_page_by_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with account_server() as server:
        server.offered = {
            "g6.xlarge": ["us-east-1b", "us-east-1a"],
            "p5.48xlarge": ["us-east-1c", "us-east-1-atl-1a"],
            "zz9.large": ["us-east-1a"],
        }
        assert main(aws(tmp_path, server)) == 0
    account, problems = read_account(tmp_path)
    assert problems == []
    known = account.offerings["aws", "us-east-1"]
    assert known["g6.xlarge"].zones == ("us-east-1a", "us-east-1b")
    assert known["p5.48xlarge"].zones == ("us-east-1c",)
    assert not known["g5.xlarge"].offered
    assert "zz9.large" not in known
    # What was raised comes before the default; a family without machines of the catalogue is named.
    assert {(each.quota.family, each.quota.capacity): each.quota.limit for each in account.limits} == {
        ("G and VT", "on_demand"): 8,
        ("G and VT", "spot"): 0,
        ("Standard (A, C, D, H, I, M, R, T, Z)", "on_demand"): 5,
    }
    assert "us-east-1a us-east-1b,use1-az4 use1-az6" in (tmp_path / "account" / "offerings.csv").read_text("utf-8")
    out = capsys.readouterr().out
    assert "passed over, for the catalogue has no machines of it: All P4, P3 and P2 Spot Instance Requests" in out
    assert SECRET not in out


def test_a_subscription_of_azure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with account_server() as server:
        with_azure(server)
        assert main(azure(tmp_path, server)) == 0
        assert server.tokens == {f"Bearer {SECRET}"}
    account, _ = read_account(tmp_path)
    known = account.offerings["azure", "northeurope"]
    assert known["Standard_NC4as_T4_v3"].zones == ("1", "3")
    assert (known["Standard_NC24ads_A100_v4"].offered, known["Standard_NC24ads_A100_v4"].why) == (
        False,
        "NotAvailableForSubscription",
    )
    assert (known["Standard_D4s_v5"].offered, known["Standard_D4s_v5"].zones) == (True, ())
    assert {(each.quota.family, each.quota.capacity): each.quota.limit for each in account.limits} == {
        ("Standard NCASv3_T4 Family", "on_demand"): 8,
        ("lowPriorityCores", "spot"): 3,
    }
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err


def test_a_project_of_google_cloud(tmp_path: Path) -> None:
    with account_server() as server:
        metrics = [("NVIDIA_L4_GPUS", 4.0), ("PREEMPTIBLE_NVIDIA_L4_GPUS", 1.0), ("CPUS", 72.0), ("SNAPSHOTS", 9.0)]
        server.documents[REGION] = {
            "kind": "compute#region",
            "name": "us-central1",
            "quotas": [{"metric": name, "limit": limit, "usage": 0.0} for name, limit in metrics],
        }
        asked = ["catalog", "account", "--cloud", "gcp", "--region", "us-central1", "--account", "northwind-prod"]
        assert main([*asked, "--out", str(tmp_path), "--endpoint", server.address]) == 0
    account, _ = read_account(tmp_path)
    assert not account.offerings
    assert [(each.quota.family, each.quota.capacity, each.quota.limit) for each in account.limits] == [
        ("CPUS", "on_demand", 72),
        ("NVIDIA_L4_GPUS", "on_demand", 4),
        ("NVIDIA_L4_GPUS", "spot", 1),
    ]


def test_a_later_answer_replaces_its_own_region_and_says_what_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with account_server() as server:
        with_azure(server)
        assert main(aws(tmp_path, server)) == main(azure(tmp_path, server)) == 0
        before = {file.name: file.read_bytes() for file in (tmp_path / "account").iterdir()}
        server.offered["g6.xlarge"].append("us-east-1c")
        server.applied["Running On-Demand G and VT instances"] = 64.0
        capsys.readouterr()
        assert main(aws(tmp_path, server, "--dry-run")) == 0
        assert before == {file.name: file.read_bytes() for file in (tmp_path / "account").iterdir()}
        out = capsys.readouterr().out
        assert "  aws us-east-1 g6.xlarge: us-east-1a us-east-1b -> us-east-1a us-east-1b us-east-1c\n" in out
        assert "  aws us-east-1 quota G and VT on demand: 8 -> 64\n2 changes; nothing is written\n" in out
        assert main(aws(tmp_path, server, "--json", "-")) == 0
        assert len(json.loads(capsys.readouterr().out)["changes"]) == 2
    account, _ = read_account(tmp_path)
    assert set(account.offerings) == {("aws", "us-east-1"), ("azure", "northeurope")}
    assert account.offerings["aws", "us-east-1"]["g6.xlarge"].zones[-1] == "us-east-1c"


EC2_REFUSAL = (
    b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized.</Message></Error>"
    b"</Errors><RequestID>1</RequestID></Response>"
)


def test_a_refusal_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with account_server() as server:
        server.refusal = (403, EC2_REFUSAL)
        assert main(aws(tmp_path, server)) == 1
        assert capsys.readouterr().err == (
            "modelyard: AWS refused DescribeAvailabilityZones: UnauthorizedOperation: You are not authorized.\n"
        )
        server.refusal = (403, b'{"error": {"code": "AuthorizationFailed", "message": "No access."}}')
        assert main(azure(tmp_path, server)) == 1
        assert capsys.readouterr().err == (
            f"modelyard: Azure Resource Manager answered 403 to {server.address}{COMPUTE}/skus: No access.\n"
        )
    assert not (tmp_path / "account").exists()


def test_one_region_that_fails_leaves_the_other_unwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with account_server() as server:
        with_azure(server)
        server.documents[f"{COMPUTE}/locations/westeurope/usages"] = {"value": [{"limit": "many"}]}
        assert main([*azure(tmp_path, server), "--region", "westeurope"]) == 1
    assert "nothing is written" in capsys.readouterr().err
    assert not (tmp_path / "account").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--cloud is missing: name the cloud that is asked: aws, gcp or azure"),
        (["--cloud", "aws", "--region", "us-east-1"], "--out is missing: name the environment's folder"),
        (["--cloud", "azure", "--region", "westeurope", "--out", "."], "--account is missing: name the id of the sub"),
        (["--cloud", "gcp", "--region", "us-central1", "--out", "."], "--account is missing: name the project that"),
        (
            ["--cloud", "aws", "--region", "us-east-1", "--out", ".", "--account", "123"],
            "--account is of no use with aws, whose account is that of the credentials; choose AWS_PROFILE",
        ),
        (["--cloud", "aws", "--region", "us-eastt-1", "--out", "."], "Did you mean 'us-east-1'?"),
        (
            ["--cloud", "aws", "--region", "us-east-1", "--out", ".", "--endpoint", "http://example.com"],
            "name an https",
        ),
        (
            ["--cloud", "azure", "--region", "westeurope", "--out", ".", "--account", "prod"],
            "--account prod: must be a UUID in lower case, such as",
        ),
        (
            ["--cloud", "gcp", "--region", "us-central1", "--out", ".", "--account", "../x"],
            "--account ../x: must be the id of a Google Cloud project",
        ),
        (
            ["--cloud", "gcp", "--region", "us-central1", "--out", ".", "--account", "northwind", "--token-env", "NO"],
            "--token-env NO: the environment has no such variable, or it is empty",
        ),
        (["--mig", "--cloud", "aws"], "--mig is of no use with 'catalog account'"),
    ],
)
def test_options_that_do_not_go_together(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "account", *options]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("value", [f"{SECRET}\nx", f"{SECRET} x", f"{SECRET}ü"])
def test_a_token_that_no_header_takes_is_not_shown(
    tmp_path: Path, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODELYARD_CLOUD_TOKEN", value)
    with account_server() as server:
        assert main(azure(tmp_path, server)) == 1
    assert capsys.readouterr().err == (
        "modelyard: the environment variable MODELYARD_CLOUD_TOKEN holds a character that no token or key has; look "
        "how it was set\n"
    )


def test_space_around_a_token_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELYARD_CLOUD_TOKEN", f"{SECRET}\n")
    with account_server() as server:
        with_azure(server)
        assert main(azure(tmp_path, server)) == 0


def test_nobody_is_logged_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with account_server() as server:
        assert main(aws(tmp_path, server)) == 1
    assert capsys.readouterr().err == (
        "modelyard: nobody is logged in to AWS; set AWS_PROFILE, or run `aws sso login`\n"
    )


def test_a_file_of_another_form_is_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "account").mkdir()
    (tmp_path / "account" / "quotas.csv").write_text("a,b\n1,2\n")
    with account_server() as server:
        assert main(aws(tmp_path, server)) == 1
    assert (
        "must have the columns cloud, region, family, capacity, limit, source, source_date" in capsys.readouterr().err
    )
