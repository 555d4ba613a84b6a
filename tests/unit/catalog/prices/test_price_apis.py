"""What a cloud's price API tells is read right, whatever else its answers hold; and what is wrong with them is said."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.catalog.refresh.aws_prices import aws_prices
from modelyard.catalog.refresh.azure_prices import azure_prices
from modelyard.catalog.refresh.gcp_prices import gcp_api, gcp_prices
from modelyard.catalog.refresh.price_api import PriceApi, PriceApiError
from modelyard.catalog.refresh.price_list import Price, PriceList

from .price_server import (
    AWS_COLUMNS,
    Answer,
    PriceServer,
    as_json,
    aws_file,
    aws_row,
    azure_item,
    azure_page,
    gcp_page,
    gcp_sku,
    price_server,
)

KEY = "AIza-not-a-key-of-anyone"
_KINDS: dict[str, Any] = {
    "text": str,
    "number": (int, float),
    "list": list,
    "object": dict,
    "flag": bool,
    "any": object,
}


def usd(on_demand: str, spot: str | None = None) -> Price:
    return Price(Decimal(on_demand), None if spot is None else Decimal(spot))


def api(server: PriceServer, pauses: list[float] | None = None) -> PriceApi:
    return PriceApi("the price API", server.address, attempts=3, pause=(pauses if pauses is not None else []).append)


def test_the_fakes_are_of_the_documented_form() -> None:
    documented = yaml.safe_load((Path(__file__).parent / "documented_fields.yaml").read_text(encoding="utf-8"))
    page, sku = json.loads(azure_page([azure_item("Standard_NC4as_T4_v3", 0.5)]).body), gcp_sku("N1", "1.5")
    info = sku["pricingInfo"][0]
    rate = info["pricingExpression"]["tieredRates"][0]
    fakes = {
        "azure_page": page,
        "azure_item": page["Items"][0],
        "gcp_page": json.loads(gcp_page([sku], "more").body),
        "gcp_sku": sku,
        "gcp_category": sku["category"],
        "gcp_pricing_info": info,
        "gcp_pricing_expression": info["pricingExpression"],
        "gcp_tier_rate": rate,
        "gcp_money": rate["unitPrice"],
    }
    assert fakes.keys() == documented.keys()
    for name, fake in fakes.items():
        fields = documented[name]["fields"]
        assert fake.keys() == fields.keys(), name
        assert all(isinstance(fake[field], _KINDS[kind]) for field, kind in fields.items()), name


@pytest.mark.parametrize("packed", [False, True])
def test_aws_tells_on_demand_prices_of_shared_linux_machines(packed: bool) -> None:
    wanted = {"g6.xlarge", "g4dn.metal", "p5.48xlarge", "m5.large", "t3.medium"}
    file = aws_file(
        [
            aws_row("g6.xlarge", "0.9000000000"),
            aws_row("g6.xlarge", "0.5000000000", TermType="Reserved"),
            aws_row("g6.xlarge", "1.0000000000", **{"Operating System": "Windows"}),
            aws_row("g6.xlarge", "0.9500000000", Tenancy="Dedicated"),
            aws_row("g6.xlarge", "1.1000000000", **{"Pre Installed S/W": "SQL Std"}),
            aws_row("g6.xlarge", "0.0000000000", CapacityStatus="AllocatedCapacityReservation"),
            aws_row("g4dn.metal", "7.8240000000", **{"Product Family": "Compute Instance (bare metal)"}),
            aws_row("p5.48xlarge", "55.04", **{"Pre Installed S/W": ""}),
            aws_row("p5.48xlarge", "31.464", MarketOption="CapacityBlock"),
            aws_row("m5.large", "0.0960000000"),
            aws_row("m5.large", "0.0970000000"),
            aws_row("t3.medium", "0.0416", **{"Region Code": "us-east-1-bos-1"}),
            aws_row("x2gd.metal", "5.344"),
        ]
    )
    answer = Answer(gzip.compress(file), headers={"Content-Encoding": "gzip"}) if packed else Answer(file)
    with price_server(answer) as server:
        found = aws_prices("us-east-1", wanted, api(server))
        assert [asked.path for asked in server.asked] == ["/offers/v1.0/aws/AmazonEC2/current/us-east-1/index.csv"]
    assert found == PriceList(
        cloud="aws",
        region="us-east-1",
        source="AWS Price List Bulk API, AmazonEC2 us-east-1 version 20261120010203",
        source_date="2026-11-20",
        prices={"g6.xlarge": usd("0.9"), "g4dn.metal": usd("7.824"), "p5.48xlarge": usd("55.04")},
        has_spot=False,
        unpriced={"m5.large": "the list has 2 prices of it", "t3.medium": "it is not sold there"},
    )


def test_azure_tells_linux_and_spot_prices_page_by_page() -> None:
    t4, a100, d2 = "Standard_NC4as_T4_v3", "Standard_NC24ads_A100_v4", "Standard_D2s_v5"
    first = azure_page(
        [
            azure_item(t4, 0.526),
            azure_item(t4, 0.71, productName="Virtual Machines Series Windows"),
            azure_item(t4, 0.1, skuName="NC4as T4 v3 Low Priority"),
            azure_item(t4, 0.6, productName="NCasT4 v3 Series Cloud Services"),
            azure_item(t4, 3000, type="Reservation", unitOfMeasure="1 Hour"),
        ],
        "{address}/api/retail/prices?$skip=5",
    )
    second = azure_page(
        [
            azure_item(t4, 0.0842, skuName="NC4as T4 v3 Spot"),
            azure_item(a100, 3.673, isPrimaryMeterRegion=True),
            azure_item(a100, 4.0, isPrimaryMeterRegion=False),
            azure_item(d2, 0.096),
            azure_item(d2, 0.098),
            azure_item("Standard_M416ms_v2", 100.0),
        ]
    )
    with price_server(first, second) as server:
        found = azure_prices("eastus", {t4, a100, d2, "Standard_NV36ads_A10_v5"}, api(server))
        asked = server.asked
    assert asked[0].query["$filter"] == (
        "serviceName eq 'Virtual Machines' and armRegionName eq 'eastus' and priceType eq 'Consumption'"
    )
    assert asked[1].query == {"$skip": "5"}
    assert found.prices == {t4: usd("0.526", "0.0842"), a100: usd("3.673")}
    assert found.unpriced == {d2: "the API has 2 prices of it", "Standard_NV36ads_A10_v5": "it has no price there"}
    assert (found.has_spot, found.source) == (True, "Azure Retail Prices API 2023-01-01-preview, eastus")


def test_google_cloud_tells_the_prices_of_parts_and_machines_are_their_sum() -> None:
    skus = [
        gcp_sku("G2 Instance Core running", "0.02"),
        gcp_sku("G2 Instance Ram running", "0.003", unit="GiBy.h"),
        gcp_sku("Nvidia L4 GPU running", "0.5"),
        gcp_sku("Spot Preemptible G2 Instance Core running", "0.01", usage="Preemptible"),
        gcp_sku("Spot Preemptible G2 Instance Ram running", "0.001", usage="Preemptible", unit="GiBy.h"),
        gcp_sku("Nvidia L4 GPU attached to Spot Preemptible VMs running", "0.2", usage="Preemptible"),
        gcp_sku("G2 Instance Core running", "9", region="europe-west4"),
        gcp_sku("Commitment v1: G2 Cpu", "0.001", usage="Commit1Yr"),
    ]
    more = [
        gcp_sku("A2 Instance Core running", "0.03"),
        gcp_sku("A2 Instance Ram running", "0.004", unit="GiBy.h"),
        gcp_sku("Nvidia Tesla A100 80GB GPU running", "3.5"),
        gcp_sku("SSD backed Local Storage", "0.08", unit="GiBy.mo"),
        gcp_sku("SSD backed Local Storage attached to Spot", "0.04", usage="Preemptible", unit="GiBy.mo"),
        gcp_sku("N1 Predefined Instance Core running", "0.03"),
        gcp_sku("N1 Predefined Instance Core running", "0.04"),
        gcp_sku("N1 Predefined Instance Ram running", "0.004", unit="GiBy.h"),
    ]
    wanted = {"g2-standard-4", "a2-ultragpu-1g", "n1-standard-8", "a4-highgpu-8g", "e2-medium"}
    with price_server(gcp_page(skus, "page two"), gcp_page(more)) as server:
        found = gcp_prices("us-central1", wanted, gcp_api(KEY, server.address))
        asked = server.asked
    # 4 cores, 16 GiB and one L4; 12 cores, 170 GiB, one A100 and 375 GiB of disk by the month of 730 hours.
    assert found.prices == {"g2-standard-4": usd("0.628", "0.256"), "a2-ultragpu-1g": usd("4.5810959")}
    assert found.unpriced == {
        "a4-highgpu-8g": "the catalogue does not know what the SKU of its core is called",
        "e2-medium": "a machine with a shared core is billed by a share of it",
        "n1-standard-8": (
            "the region has 2 prices of the SKU 'N1 Predefined Instance Core running' of usage OnDemand by h"
        ),
    }
    assert [each.path for each in asked] == ["/v1/services/6F81-5844-456A/skus"] * 2
    assert [each.query.get("pageToken") for each in asked] == [None, "page two"]
    assert all(each.headers["X-Goog-Api-Key"] == KEY and KEY not in str(each.query) for each in asked)


def test_what_has_ended_or_is_announced_is_no_price() -> None:
    later, over = "2999-01-01T00:00:00Z", "2025-02-01T00:00:00Z"
    t4 = "Standard_NC4as_T4_v3"
    items = [
        azure_item(t4, 0.4, effectiveEndDate=over),
        azure_item(t4, 0.7, effectiveStartDate=later),
        azure_item(t4, 0.45, tierMinimumUnits=1000.0),
        azure_item(t4, 0.526, effectiveEndDate=later),
    ]
    with price_server(azure_page(items)) as server:
        assert _azure(server).prices == {t4: usd("0.526")}
    rows = [aws_row("g6.xlarge", "0.9"), aws_row("g6.xlarge", "0.7", EffectiveDate="2999-01-01")]
    with price_server(Answer(aws_file(rows))) as server:
        assert _aws(server).prices == {"g6.xlarge": usd("0.9")}
    skus = [
        gcp_sku("G2 Instance Core running", "0.02"),
        gcp_sku("G2 Instance Core running", "0"),
        gcp_sku("G2 Instance Ram running", "0.003", unit="GiBy.h"),
        gcp_sku("Nvidia L4 GPU running", "0.5"),
    ]
    announced = gcp_sku("Nvidia L4 GPU running", "0.9")["pricingInfo"][0]
    skus[-1]["pricingInfo"].append({**announced, "effectiveTime": later})
    with price_server(gcp_page(skus)) as server:
        assert _gcp(server).prices == {"g2-standard-4": usd("0.628")}


def _aws(server: PriceServer) -> PriceList:
    return aws_prices("us-east-1", {"g6.xlarge"}, api(server))


def _azure(server: PriceServer) -> PriceList:
    return azure_prices("eastus", {"Standard_NC4as_T4_v3"}, api(server))


def _gcp(server: PriceServer) -> PriceList:
    return gcp_prices("us-central1", {"g2-standard-4"}, gcp_api(KEY, server.address))


def _spoilt(body: bytes) -> bytes:
    """Packed, with a block of a type that gzip does not have."""
    return gzip.compress(body)[:10] + b"\xff" * 20


_PACKED = {"Content-Encoding": "gzip"}
_ROW = aws_row("g6.xlarge", "0.9")
_ITEM = azure_item("Standard_NC4as_T4_v3", 0.5)
_AWS_PATH = "{address}/offers/v1.0/aws/AmazonEC2/current/us-east-1/index.csv"
_REFUSED = {"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.", "status": "INVALID"}}


@pytest.mark.parametrize(
    ("ask", "answers", "message"),
    [
        (_aws, [Answer(status=404)], f"the price API answered 404 to {_AWS_PATH}"),
        (_aws, [Answer(status=503)], f"the price API answered 503 to {_AWS_PATH}, 3 times; try again later"),
        (_aws, [Answer(b"<html>")],
         "the price list of the price API does not begin with its 'Version'; nothing is written"),
        (_aws, [Answer(aws_file([_ROW], columns=[each for each in AWS_COLUMNS if each != "Tenancy"]))],
         "the price list of the price API has no column 'Tenancy'; nothing is written"),
        (_aws, [Answer(aws_file([aws_row("m5.large", "1")]))],
         "the price API has no price of any known machine type in us-east-1; nothing is written"),
        (_aws, [Answer(aws_file([aws_row("g6.xlarge", "free")]))],
         "the price of g6.xlarge in the list of the price API is 'free', not a number above 0"),
        (_aws, [Answer(aws_file([aws_row("g6.xlarge", "NaN")]))],
         "the price of g6.xlarge in the list of the price API is 'NaN', not a number above 0"),
        (_aws, [Answer(aws_file([aws_row("g6.xlarge", "-0.9")]))],
         "the price of g6.xlarge in the list of the price API is '-0.9', not a number above 0"),
        (_aws, [Answer(aws_file([aws_row("g6.xlarge", "0.9", EffectiveDate="soon")]))],
         "the price of g6.xlarge in the list of the price API begins on 'soon', no date; nothing is written"),
        (_aws, [Answer(_spoilt(aws_file([_ROW] * 999)), headers=_PACKED)],
         f"the price API: {_AWS_PATH} ended early or is not text; try again"),
        (_azure, [Answer(_spoilt(b"{}"), headers=_PACKED)],
         "the price API answered {address}/api/retail/prices with something that is not JSON"),
        (_azure, [Answer(b"[" * 100_000)],
         "the price API answered {address}/api/retail/prices with something that is not JSON"),
        (_azure, [as_json({"Items": [_ITEM], "NextPageLink": 5})],
         "the price API names a next page that is no address; nothing is written"),
        (_azure, [azure_page([{**_ITEM, "retailPrice": float("inf")}])],
         "an item of the price API has no 'retailPrice' of the documented form; nothing is written"),
        (_azure, [azure_page([{**_ITEM, "effectiveStartDate": "soon"}])],
         "an item of the price API has no 'effectiveStartDate' of the documented form; nothing is written"),
        (_azure, [azure_page([{**_ITEM, "effectiveEndDate": "2025-02-01T00:00:00Z"}])],
         "the price API has no price of any known size in eastus; nothing is written"),
        (_aws, [Answer(aws_file([_ROW])[:-20])],
         "the price list of the price API ends within a line, or is not CSV; try again"),
        (_aws, [Answer(aws_file([_ROW] * 999), cut_at=90_000)],
         f"the price API: {_AWS_PATH} ended early or is not text; try again"),
        (_azure, [Answer(b"Service unavailable")],
         "the price API answered {address}/api/retail/prices with something that is not JSON"),
        (_azure, [as_json([])],
         "the price API answered {address}/api/retail/prices with something that is not a JSON object"),
        (_azure, [as_json({"Items": None})], "an answer of the price API has no list 'Items'; nothing is written"),
        (_azure, [azure_page([{**_ITEM, "retailPrice": "0.5"}])],
         "an item of the price API has no 'retailPrice' of the documented form; nothing is written"),
        (_azure, [azure_page([])], "the price API has no price of any known size in eastus; nothing is written"),
        (_azure, [azure_page([_ITEM], "{address}/api/retail/prices?more")],
         "the price API names {address}/api/retail/prices as a next page without end; try again later"),
        (_azure, [azure_page([_ITEM], "https://example.com/prices?token=secret")],
         "the price API leads to another address, https://example.com/prices; it is not followed"),
        (_gcp, [as_json(_REFUSED, status=400)],
         "the Cloud Billing Catalog API answered 400 to {address}/v1/services/6F81-5844-456A/skus: API key not valid. "
         "Please pass a valid API key."),
        (_gcp, [as_json({})], "an answer of the Cloud Billing Catalog API has no list 'skus'; nothing is written"),
        (_gcp, [as_json({"skus": [{"serviceRegions": ["us-central1"], "pricingInfo": [{}]}]})],
         "a SKU of the Cloud Billing Catalog API is not of the documented form; nothing is written"),
        (_gcp, [gcp_page([])],
         "the Cloud Billing Catalog API has no price of any machine in us-central1; nothing is written"),
        (_gcp, [gcp_page([gcp_sku("N4 Instance Core running", "1")])],
         "the Cloud Billing Catalog API has no price of any known machine type in us-central1; nothing is written"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_answer_is_one_sentence(
    ask: Callable[[PriceServer], object], answers: list[Answer], message: str
) -> None:
    with price_server(*answers) as server, pytest.raises(PriceApiError) as caught:
        ask(server)
    assert str(caught.value) == message.replace("{address}", server.address)
    assert KEY not in repr(caught.value)


def test_a_busy_api_is_asked_again_after_the_pause_that_it_asks_for() -> None:
    pauses: list[float] = []
    busy = Answer(status=429, headers={"Retry-After": "7"})
    with price_server(busy, Answer(status=500), azure_page([_ITEM])) as server:
        found = azure_prices("eastus", {"Standard_NC4as_T4_v3"}, api(server, pauses))
    assert found.prices == {"Standard_NC4as_T4_v3": usd("0.5")}
    assert pauses == [7.0, 4.0]


def test_a_key_follows_no_redirect_to_another_address() -> None:
    with price_server(gcp_page([])) as elsewhere:
        away = Answer(status=302, headers={"Location": f"{elsewhere.address}/skus"})
        with price_server(away) as server, pytest.raises(PriceApiError) as caught:
            _gcp(server)
        assert elsewhere.asked == []
    assert str(caught.value) == (
        f"the Cloud Billing Catalog API leads to another address, {elsewhere.address}/skus; it is not followed"
    )


def test_a_redirect_within_the_address_is_followed() -> None:
    with price_server(Answer(status=307, headers={"Location": "/prices"}), azure_page([_ITEM])) as server:
        assert azure_prices("eastus", {"Standard_NC4as_T4_v3"}, api(server)).prices
        assert [each.path for each in server.asked] == ["/api/retail/prices", "/prices"]


def test_nobody_who_listens_is_one_sentence() -> None:
    with price_server(Answer()) as server:
        gone = api(server)
    with pytest.raises(PriceApiError, match=r"^the price API cannot be reached at http.* \(.*refused.*\), 3 times"):
        azure_prices("eastus", set(), gone)
