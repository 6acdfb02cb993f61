"""Dry clearings: sealed, off the transaction, the latest question of each asker, an answer whatever happens."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from trying import InProcess
from world import NOON, WHO, World, at_noon, bid, flat

from app import trials
from app.desk import Desk
from app.queries import HANDLERS
from app.queries import models as q
from app.trials import Trials
from app.worker import Outcome
from domain import commands as c
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import FlexOffer, MarketSession
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.flexibility.terms import OfferTerms
from domain.lifecycle import OfferState

D = Decimal


class Market:
    """A session with a need at noon that a PV plant of esp1 and one of esp2 could cure."""

    def __init__(self, world: World) -> None:
        world.grid()
        self.world, self.worker = world, InProcess()
        self.desk = Desk(world.store.write, world.store.read, HANDLERS, {q.TryOffers: Trials(self.worker).answer})
        self.session: MarketSession = world.session()
        self.asset: FlexAsset = world.asset(s_max_mva=D(5))
        self.rival: FlexAsset = world.asset("esp2", "PV-2")

    def offer(self, quantity: str = "4", price: str = "40.00", **changes: Any) -> c.SubmitOffer:
        line = [(self.asset.id, at_noon(quantity))]
        return bid(self.session, line, price_eur_per_mwh=flat(price), **changes)

    def ask(self, *offers: c.SubmitOffer, who: str = "esp1", **more: Any) -> q.OfferTrial:
        return self.desk.query(WHO[who], q.TryOffers(offers=offers, **more))

    def rules(self, **rules: Any) -> None:
        given = {
            "clearing": ClearingMode.NETWORK,
            "payment": PaymentRule.PAY_AS_BID,
            "energy": EnergyPricing.IGNORED,
        }
        self.world.do("fmo", c.SetClearingRules(session_id=self.session.id, **given | rules))


@pytest.fixture
def market(world: World) -> Market:
    return Market(world)


def test_an_offer_is_awarded_as_the_clearing_will_award_it(market: Market) -> None:
    trial = market.ask(market.offer())
    (tried,) = trial.offers
    assert trial.findings == ()
    assert 0 < tried.accepted_mw[NOON] < 4
    assert sum(tried.accepted_mw) == tried.accepted_mw[NOON]
    paid = tried.accepted_mw[NOON] * 40 / 4
    assert trial.revenue_eur == paid.quantize(D("0.01"))
    assert [(entry.kind, entry.step) for entry, _ in tried.why] == [("marginal", NOON)]


def test_too_dear_an_offer_says_the_price_that_would_do_and_that_price_does(market: Market) -> None:
    market.world.request(market.session, price_cap_eur_per_mwh=D("150.00"), quantity_mw=at_noon("4"))
    dear = market.ask(market.offer(price="300.00"))
    assert sum(dear.offers[0].accepted_mw) == 0
    assert dear.revenue_eur == 0
    ((why, words),) = dear.offers[0].why
    assert why.accepted_if_eur_per_mwh is not None
    assert "would have been accepted at" in words
    cheaper = market.ask(market.offer(price=str(why.accepted_if_eur_per_mwh)))
    assert sum(cheaper.offers[0].accepted_mw) > 0


def test_a_request_that_the_tso_holds_counts_for_nothing(market: Market) -> None:
    cap = {"price_cap_eur_per_mwh": D("150.00"), "quantity_mw": at_noon("4")}
    unasked = market.ask(market.offer(price="300.00")).offers[0].accepted_mw
    request = market.world.request(market.session, **cap)
    asked = market.ask(market.offer(price="300.00")).offers[0].accepted_mw
    market.world.do("tso", c.ReviewRequest(request_id=request.id, verdict=c.Verdict.HOLD, note="We switch."))
    held = market.ask(market.offer(price="300.00")).offers[0].accepted_mw
    assert sum(asked) == 0 < sum(unasked)
    assert held == unasked


def test_a_rivals_sealed_offer_changes_nothing(market: Market) -> None:
    """Not the answer and not one byte of what is solved, whatever the rival has sent; its own offers do."""
    before = market.ask(market.offer())
    market.world.do("esp2", bid(market.session, [(market.rival.id, at_noon("2"))], price_eur_per_mwh=flat("1.00")))
    assert market.ask(market.offer()) == before
    assert market.worker.asked[0] == market.worker.asked[1]
    assert "esp2" not in json.loads(market.worker.asked[1])["case"]
    market.world.offer("esp1", market.session, market.asset, "1", price_eur_per_mwh=flat("1.00"))
    after = market.ask(market.offer(quantity="3"))
    assert sum(after.offers[0].accepted_mw) < sum(before.offers[0].accepted_mw)


def test_offers_to_be_replaced_stand_aside(market: Market) -> None:
    before = market.ask(market.offer())
    standing = market.world.offer("esp1", market.session, market.asset, "4")
    assert market.ask(market.offer()).findings[0][0] == "beyond_asset"
    assert market.ask(market.offer(), replaces=(standing.id,)) == before


def test_a_block_that_is_more_than_is_needed_is_all_or_nothing(market: Market) -> None:
    whole = market.ask(market.offer(terms=OfferTerms(block=True)))
    assert sum(whole.offers[0].accepted_mw) in (0, 4)
    least = market.ask(market.offer(terms=OfferTerms(max_energy_mwh=D("0.1"))))
    assert least.offers[0].accepted_mw[NOON] == D("0.4")


def test_a_reactive_share_is_cleared_together_with_its_offer(market: Market) -> None:
    reactive = market.offer(quantity="1", price="1.00", commodity=Commodity.Q)
    alone, both = market.ask(market.offer()), market.ask(market.offer(), reactive)
    assert len(both.offers) == 2
    assert sum(both.offers[1].accepted_mw) > 0
    assert sum(both.offers[0].accepted_mw) < sum(alone.offers[0].accepted_mw)
    assert both.revenue_eur < alone.revenue_eur


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"clearing": ClearingMode.CONTINUOUS, "payment": PaymentRule.NODAL}, "matches orders one by one"),
        ({"energy": EnergyPricing.PRICED}, "has no day-ahead prices yet"),
    ],
)
def test_where_nothing_can_be_expected_the_reason_is_told(
    market: Market, rules: dict[str, Any], said: str
) -> None:
    market.rules(**rules)
    trial = market.ask(market.offer())
    assert said in trial.reason
    assert (trial.offers, trial.revenue_eur, trial.findings) == ((), None, ())
    assert market.worker.asked == []


@pytest.mark.parametrize("payment", list(PaymentRule))
@pytest.mark.parametrize("clearing", [ClearingMode.REQUESTS, ClearingMode.COPPERPLATE])
def test_auctions_are_tried_too(market: Market, clearing: ClearingMode, payment: PaymentRule) -> None:
    market.rules(clearing=clearing, payment=payment)
    market.world.request(market.session)
    trial = market.ask(market.offer(quantity="1"))
    assert trial.reason == ""
    assert sum(trial.offers[0].accepted_mw) == 1
    assert trial.revenue_eur is not None
    assert trial.revenue_eur >= 10


def test_findings_come_at_once_for_each_offer(market: Market) -> None:
    trial = market.ask(market.offer(quantity="9"), market.offer(price="0.001"))
    fields = [field for _, field, _ in trial.findings]
    assert fields[0] == f"offers[0].lines[0].quantity_mw[{NOON}]"
    assert "offers[1].price_eur_per_mwh[0]" in fields
    assert market.worker.asked == []


def test_only_sellers_ask(market: Market) -> None:
    for who in ("fmo", "dso1", "tso", "retailer1"):
        with pytest.raises(Refused, match="not_permitted"):
            market.ask(market.offer(), who=who)


def test_rules_that_standing_terms_do_not_know_are_refused(market: Market) -> None:
    market.world.do("esp1", market.offer(terms=OfferTerms(block=True)))
    with pytest.raises(Refused, match="rules_conflict"):
        market.rules(payment=PaymentRule.VCG)
    market.rules(payment=PaymentRule.NODAL)


def test_a_failed_change_leaves_the_book_as_it_was(market: Market) -> None:
    standing = market.world.offer("esp1", market.session, market.asset, "4")
    bad = c.PlaceOffers(offers=(market.offer(), market.offer(price="0.001")), replaces=(standing.id,))
    codes = market.world.codes("esp1", bad)
    assert ("beyond_asset", f"offers[1].lines[0].quantity_mw[{NOON}]") in codes
    assert ("too_many_decimals", "offers[1].price_eur_per_mwh[0]") in codes
    assert [o.state for o in market.world.find(FlexOffer)] == [OfferState.SUBMITTED]
    market.world.do("esp1", c.PlaceOffers(offers=(market.offer(),), replaces=(standing.id,)))
    assert sorted(o.state for o in market.world.find(FlexOffer)) == [OfferState.SUBMITTED, OfferState.WITHDRAWN]


# -- the line before the worker ----------------------------------------------------------------------------------


class Slow:
    """A worker that answers when it is let."""

    def __init__(self) -> None:
        self.go, self.got = threading.Event(), []
        self.kills = 0

    def start(self) -> None:
        pass

    def kill(self) -> None:
        self.kills += 1

    def send(self, _kind: str, inputs: bytes) -> None:
        self.got.append(inputs)

    def receive(self, timeout_s: float) -> Outcome | None:
        return Outcome(succeeded=False, error="answered") if self.go.wait(timeout_s) else None


def asking(service: Trials, *questions: tuple[str, bytes]) -> tuple[dict[bytes, str], list[threading.Thread]]:
    """Ask each in a thread of its own, one after the other."""
    said: dict[bytes, str] = {}

    def ask(asker: str, inputs: bytes) -> None:
        said[inputs] = service._ask(asker, inputs).error

    threads = [threading.Thread(target=ask, args=question) for question in questions]
    for thread in threads:
        thread.start()
        time.sleep(0.03)
    return said, threads


def ended(threads: list[threading.Thread], until: Callable[[], None]) -> None:
    until()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_the_latest_question_of_an_asker_wins_and_others_wait_in_line() -> None:
    worker = Slow()
    service = Trials(worker)
    said, threads = asking(service, ("a", b"1"), ("a", b"2"), ("b", b"3"), ("a", b"4"))
    ended(threads, worker.go.set)
    assert worker.got == [b"1", b"4", b"3"]
    assert said == {b"1": "answered", b"2": trials.REPLACED, b"3": "answered", b"4": "answered"}


def test_what_takes_too_long_is_given_up_but_not_lost_and_the_next_is_answered() -> None:
    worker = Slow()
    service = Trials(worker, limit_s=0.2)
    said, threads = asking(service, ("a", b"1"), ("b", b"2"))
    ended(threads, lambda: None)
    assert set(said.values()) == {trials.TOO_LONG}
    assert service._ask("a", b"4").error == trials.TOO_LONG
    worker.go.set()
    assert service._ask("a", b"5").error == "answered"
    assert (worker.got, worker.kills) == ([b"1", b"5"], 0), "the worker was let finish, then asked the next"


def test_a_worker_that_never_ends_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "HOPELESS_S", 0.1)
    worker = Slow()
    service = Trials(worker, limit_s=0.1)
    assert [service._ask("a", question).error for question in (b"1", b"2")] == [trials.TOO_LONG] * 2
    assert worker.kills == 1
    worker.go.set()
    assert service._ask("a", b"3").error == "answered"


def test_the_line_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MOST_WAITING", 1)
    worker = Slow()
    said, threads = asking(Trials(worker), ("a", b"1"), ("b", b"2"), ("c", b"3"))
    ended(threads, worker.go.set)
    assert said[b"3"] == trials.BUSY
    assert said[b"2"] == "answered"


def test_the_real_worker_process_answers(market: Market) -> None:
    service = Trials()
    desk = Desk(market.world.store.write, market.world.store.read, HANDLERS, {q.TryOffers: service.answer})
    service.start()
    try:
        trial = desk.query(WHO["esp1"], q.TryOffers(offers=(market.offer(),)))
    finally:
        service.stop()
    assert trial == market.ask(market.offer())
