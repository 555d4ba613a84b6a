"""``modelyard rollout`` before a real Prometheus that has watched canaries of every kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.cli.__main__ import main

from .prometheus_history import Past, prometheus_of

pytestmark = pytest.mark.servers

REPOSITORY = Path(__file__).parents[2]
GATES = {"error_rate": 0.01, "p99_ms": 80, "window_minutes": 5, "least_requests": 100}
FIRST = [(30, 0), (45, 10)]

PASTS = [
    Past("fine", FIRST),
    Past("half", [(40, 10), (35, 50)]),
    Past("whole", [(40, 50), (35, 100)]),
    Past("young", [(40, 0), (12, 10)]),
    Past("failing", FIRST, errors=0.05),
    Past("slow", FIRST, milliseconds=400),
    Past("faulty", FIRST, triton_failures=0.2),
    Past("rare", FIRST, per_minute=60),
    Past("unasked", [(60, 0)]),
    Past("undone", [(30, 10), (3, 0)], errors=0.3),
    Past("undeployed", FIRST),
    Past("loved", FIRST, orders=[0.95]),
    Past("unloved", FIRST, orders=[0.5]),
    Past("many", FIRST, orders=[1.0, 1.0]),
    Past("odd", FIRST),
]
ORDERS = {"query": 'orders{model="MODEL"}', "min": 0.9}
ROLLOUTS: dict[str, dict[str, Any]] = {
    "half": {"percent": 50},
    "whole": {"percent": 100},
    "unasked": {"percent": 0},
    "undone": {"percent": 0},
    "undeployed": {"percent": 50},
    "loved": {"gates": {**GATES, "business": ORDERS}},
    "unloved": {"gates": {**GATES, "business": ORDERS}},
    "many": {"gates": {**GATES, "business": ORDERS}},
    "silent": {"gates": {**GATES, "business": ORDERS}},
    "odd": {"gates": {"business": {"query": "sum(", "min": 1}}},
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus_of(tmp_path_factory.mktemp("prometheus"), "shop", PASTS) as made:
        yield made


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The department's file; each canary has 10 % where nothing else is said."""
    folder = tmp_path / "stacks" / "shop"
    (folder / "departments").mkdir(parents=True)
    platform = yaml.safe_load((REPOSITORY / "stacks" / "staging" / "platform.yaml").read_text(encoding="utf-8"))
    platform["environment"] = "shop"
    del platform["image_registry"]
    (folder / "platform.yaml").write_text(yaml.safe_dump(platform), encoding="utf-8")
    lines = ["department: shop  # ours\ncost_center: CC-1\nowner: shop@example.org\nmonthly_budget_usd: 9\nmodels:\n"]
    for name in [*(past.model for past in PASTS), "silent"]:
        rollout = {"stable": 1, "canary": 2, "percent": 10, "gates": GATES, **ROLLOUTS.get(name, {})}
        text = json.dumps(rollout).replace("MODEL", name)
        lines.append(f"  - {{name: {name}, task: ranking, format: onnx, source: ../models/{name},\n"
                     f"     rollout: {text}}}  # of {name}\n")  # fmt: skip
    file = folder / "departments" / "shop.yaml"
    file.write_text("".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return file


@pytest.mark.parametrize(
    ("model", "options", "code", "conclusion", "change"),
    [
        ("fine", [], 0, "Promote: version 2 of fine gets 50 % of the requests", ('"percent": 10', '"percent": 50')),
        ("half", [], 0, "Promote: version 2 of half gets 100 % of the requests", ('"percent": 50', '"percent": 100')),
        ("whole", [], 0, "Finish: version 2 of whole becomes the stable one",
         ('{"stable": 1, "canary": 2, "percent": 100, ', '{"stable": 2, ')),
        ("young", [], 3, r"Hold: version 2 of young stays at 10 %: 10 % is held for 1[123] minutes by what the gateway "
                         "counted; pause_minutes is 30", None),
        ("failing", [], 2, r"Roll back: version 2 of failing gets no requests any more: error_rate is 0\.05; allowed "
                           r"is at most 0\.01", ('"percent": 10', '"percent": 0')),
        ("slow", [], 2, r"Roll back: version 2 of slow gets no requests any more: p99_ms is 991; allowed is at most 80",
         ('"percent": 10', '"percent": 0')),
        ("faulty", [], 2, r"Roll back: version 2 of faulty gets no requests any more: server_error_rate is 0\.2; "
                          r"allowed is at most 0\.01", ('"percent": 10', '"percent": 0')),
        ("rare", [], 3, "Hold: version 2 of rare stays at 10 %: error_rate has no result; allowed is at most 0.01; "
                        "server_error_rate has no result; allowed is at most 0.01; p99_ms has no result; allowed is at "
                        "most 80", None),
        ("unasked", [], 3, "Hold: version 2 of unasked stays at 0 %: nobody is sent to version 2 yet; --begin gives it "
                           "its first 10 %", None),
        ("unasked", ["--begin"], 0, "Promote: version 2 of unasked gets 10 % of the requests",
         ('"percent": 0', '"percent": 10')),
        ("undone", ["--begin"], 2, r"A gate fails: version 2 of undone stays at 0 %: error_rate is 0\.3; allowed is at "
                                   r"most 0\.01", None),
        ("undeployed", [], 3, "Hold: version 2 of undeployed stays at 50 %: 50 % is held for 0 minutes by what the "
                              "gateway counted; pause_minutes is 30", None),
        ("loved", [], 0, "Promote: version 2 of loved gets 50 % of the requests", ('"percent": 10', '"percent": 50')),
        ("unloved", [], 2, r"Roll back: version 2 of unloved gets no requests any more: business is 0\.5; allowed is "
                           r"at least 0\.9", ('"percent": 10', '"percent": 0')),
        ("many", [], 3, r"Hold: version 2 of many stays at 10 %: business has 2 results, and one number is judged; let "
                        r"the query add them up, as by sum\(\.\.\.\)", None),
        ("silent", [], 3, "Hold: version 2 of silent stays at 10 %: error_rate has no result; .*; business has no "
                          "result; allowed is at least 0.9; the gateway counted no requests at 10 %, so that nobody "
                          "knows for how long it is held; pause_minutes is 30", None),
    ],
)  # fmt: skip
def test_every_outcome(
    url: str, shop: Path, capsys: pytest.CaptureFixture[str], model: str, options: list[str], code: int,
    conclusion: str, change: tuple[str, str] | None,
) -> None:  # fmt: skip
    """First asked alone, which changes nothing; then written."""
    before = shop.read_bytes()
    command = ["rollout", model, "--env", "shop", "--prometheus", url, *options]
    assert main([*command, "--quiet"]) == code
    told = capsys.readouterr().out
    assert re.match(conclusion, told), told
    assert shop.read_bytes() == before
    assert main([*command, "--write", "--json", "-"]) == code
    document = json.loads(capsys.readouterr().out)
    assert document["exit_code"] == code and re.match(conclusion, document["conclusion"])
    assert document["written"] is (change is not None)
    if change is None:
        assert shop.read_bytes() == before
        assert told.count("--write") == 0
        return
    assert told.rstrip().endswith("; --write puts it into shop/departments/shop.yaml.")
    lines = before.decode().splitlines(keepends=True)
    (mine,) = [place for place, line in enumerate(lines) if line.endswith(f"# of {model}\n")]
    lines[mine] = lines[mine].replace(*change)
    assert shop.read_text(encoding="utf-8") == "".join(lines)
    assert [each["line"] for each in document["change"]] == [mine + 1]
    assert list(shop.parent.iterdir()) == [shop]


def test_what_a_person_sees(
    url: str, shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["rollout", "failing", "--env", "shop", "--prometheus", f"east={url}/"]) == 2
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "failing in shop: version 2 beside version 1, declared 10 % of 10, 50, 100"
    assert re.fullmatch(
        r"east: the canary answered 10\.0 % of 3,0\d\d requests in the last 5 min; 10 % is held for \d+ min, of at "
        r"least 30",
        lines[1],
    )
    assert [line.split() for line in lines[2:6]] == [
        ["gate", "answer", "allowed", "verdict"],
        ["error_rate", "0.05", "at", "most", "0.01", "fail"],
        ["server_error_rate", "0", "at", "most", "0.01", "pass"],
        ["p99_ms", "49.6", "at", "most", "80", "pass"],
    ]
    assert lines[6].startswith("- shop/departments/shop.yaml:15 rollout:")


def test_a_query_that_is_none(url: str, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rollout", "odd", "--env", "shop", "--prometheus", url]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"modelyard: {url}: does not take the query: ") and told.endswith("(sum()\n")
    assert told.count("\n") == 1


def test_waiting_ends(url: str, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At once where there is something to do, else after the time that is given."""
    assert main(["rollout", "fine", "--env", "shop", "--prometheus", url, "--quiet", "--wait", "600"]) == 0
    assert main(["rollout", "rare", "--env", "shop", "--prometheus", url, "--quiet", "--wait", "0.02"]) == 3


def test_a_file_that_changed_meanwhile_is_left_alone(
    url: str, shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another editor saves while Prometheus is asked."""
    from modelyard.promotion import judgement

    asked = judgement.judged

    def slowly(*given: Any, **options: Any) -> Any:
        shop.write_text(shop.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
        return asked(*given, **options)

    monkeypatch.setattr(judgement, "judged", slowly)
    assert main(["rollout", "fine", "--env", "shop", "--prometheus", url, "--write"]) == 1
    assert capsys.readouterr().err == (
        "modelyard: shop/departments/shop.yaml: was changed while the gates were asked, and is left as it is; run "
        "again\n"
    )
    assert shop.read_text(encoding="utf-8").endswith("# mine\n")
    assert '"percent": 10, "gates"' in shop.read_text(encoding="utf-8").splitlines()[6]
    assert list(shop.parent.iterdir()) == [shop]
