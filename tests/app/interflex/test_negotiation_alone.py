"""The example and the client from the seed's text play the negotiation without the product's server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fake_platform import Platform, platform, problem
from seed_client import negotiate

from examples import interflex_negotiation as example


@pytest.fixture
def there() -> Iterator[Platform]:
    with platform() as made:
        yield made


def _steps(printed: str) -> list[str]:
    """The printed steps, which are numbered from 1 without a gap, without their numbers."""
    numbered = [re.fullmatch(r" ?(\d+)\. (.+)", line) for line in printed.splitlines()]
    assert [int(match[1]) for match in numbered if match] == list(range(1, len(numbered) + 1))
    return [match[2] for match in numbered if match]


def test_the_example_prints_each_step(there: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    assert example.main(["--port", str(there.port)]) == 0
    assert _steps(capsys.readouterr().out) == [
        "dso1 authenticates; its token holds 3600 s.",
        "agg1 authenticates; its token holds 3600 s.",
        "agg2 authenticates; its token holds 3600 s.",
        "dso1 asks for a request id: request-4.",
        "dso1 posts the request: -20 kW at MV1.101 Bus 44 from 2016-07-25T12:00:00+02:00 for 3600 s, "
        "offers until 2016-07-24T11:55:00+02:00.",
        "agg1 reads 1 request(s) of dso1, request-4 is among them.",
        "agg1 asks for an offer id: offer-5.",
        "agg1 posts the offer: -20 kW at MV1.101 Bus 44 from 2016-07-25T12:00:00+02:00 for 3600 s, "
        "for 64.00 EUR/MWh.",
        "agg2 reads 1 request(s) of dso1, request-4 is among them.",
        "agg2 asks for an offer id: offer-6.",
        "agg2 posts the offer: -20 kW at MV1.101 Bus 44 from 2016-07-25T12:00:00+02:00 for 3600 s, "
        "for 58.50 EUR/MWh.",
        "dso1 reads 2 offer(s); 2 answer the request: offer-6 of agg2 for 58.50 EUR/MWh, "
        "offer-5 of agg1 for 64.00 EUR/MWh.",
        "dso1 chooses the cheapest, offer-6 of agg2.",
        "dso1 asks for an activation id: activation-7.",
        "dso1 posts the activation of offer-6 to agg2.",
        "agg2 reads the activation activation-7 of its offer offer-6.",
        "agg2 acknowledges it: ack-8.",
        "dso1 reads the acknowledgement of offer-6: -20 kW will be delivered.",
        "agg1 is informed: no activation names offer-5; without one until 2016-07-24T11:55:00+02:00 it lapses, "
        "which the market then notifies.",
    ]
    assert {who for who, method, path in there.calls if "acks" in path and method == "POST"} == {"agg2"}
    assert [form["client_id"] for form in there.forms] == [["interflex-demo"]] * 3


def test_the_example_waits_until_the_other_offer_has_lapsed(
    there: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "PAUSE_S", 0.01)
    there.lapse_after_reads = 3
    assert example.main(["--port", str(there.port), "--prices", "10", "20", "--wait", "30"]) == 0
    *_, waits, informed = _steps(capsys.readouterr().out)
    assert waits == "agg2 sees no activation of offer-6 and waits for its deadline."
    assert informed == "agg2 is informed: offer-6 was not activated and does not stand any more."
    assert [who for who, method, path in there.calls if path.endswith("/flexibilityOffers") and who == "agg2"]


def test_offers_that_were_there_before_are_not_taken_for_answers(
    there: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main(["--port", str(there.port)]) == 0
    older = {**there.stored["offers"][0][1], "timestamp": "2016-07-24T08:10:00+02:00", "flex_price": 1.0}
    there.stored["offers"] = [(frozenset(["agg1"]), older)]
    capsys.readouterr()
    assert example.main(["--port", str(there.port)]) == 0
    assert "dso1 reads 3 offer(s); 2 answer the request" in capsys.readouterr().out


def test_the_example_says_what_was_refused(
    there: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(there, "_store", lambda *_: (409, problem(409, "gate_closed", "The gate has closed.")))
    assert example.main(["--port", str(there.port)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "A call failed: 409 gate_closed: The gate has closed.",
        "  body: The gate has closed. (gate_closed)",
    ]


def test_the_client_from_the_seeds_text_plays_the_same(there: Platform) -> None:
    outcome = negotiate(
        "127.0.0.1",
        there.port,
        region_id="MV1.101 Bus 77",
        activation_time="2016-07-25T13:00:00+02:00",
        deadline="2016-07-24T11:55:00+02:00",
        timestamp="2016-07-24T08:30:00+02:00",
        flexible_power=-20,
    )
    assert {offer["entity_id"]: offer["flex_price"] for offer in outcome.offers} == {"agg1": 71.0, "agg2": 66.0}
    assert outcome.activation["flex_price"] == 66.0
    assert outcome.ack["offer_id"] == outcome.activation["offer_id"]
    assert outcome.other_saw == []
    assert [form["grant_type"] for form in there.forms].count(["refresh_token"]) == 2
