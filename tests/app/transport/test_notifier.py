"""The client for foreign platforms keeps what it is told, and sends it in order until it is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from app.clients.notifications import Notifier

TOLD = {"consent_id": "CO-1", "state": "given", "at": "2026-11-22T09:00:00Z"}
Answers = Callable[[httpx.Request], httpx.Response]


class Market:
    """The market place's end: answers as it is told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now_s = 1_800_000_000.0
        self.got: list[httpx.Request] = []
        self.answer: Answers = lambda _request: httpx.Response(200, json={})
        self.notifier = self.opened()

    def opened(self) -> Notifier:
        transport = httpx.MockTransport(self._handle)
        return Notifier(self.path, "https://m.example/", "first", transport=transport, clock=lambda: self.now_s)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        return self.answer(request)

    @property
    def order(self) -> list[tuple[str, str]]:
        return [(r.headers["Message-Stream"], r.headers["Message-Sequence"]) for r in self.got]


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    made = Market(tmp_path / "outbox.db")
    yield made
    made.notifier.close()


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer", request=request)


def test_messages_go_in_order_with_their_headers(market: Market) -> None:
    ids = [
        market.notifier.consent("S1", TOLD),
        market.notifier.interim("S1", {}),
        market.notifier.consent("S2", TOLD),
    ]
    assert market.notifier.deliver() == 3
    assert [at for at in market.order if at[0] == "S1"] == [("S1", "1"), ("S1", "2")]
    first = next(r for r in market.got if r.headers["Message-Id"] == ids[0])
    assert first.url == "https://m.example/eu-mp-notifications/v1/service/consent"
    assert json.loads(first.content) == {"subscription_id": "S1", **TOLD}
    assert first.headers["Authorization"] == "Bearer first"
    assert first.headers["Message-Sent-At"] == "2027-01-15T08:00:00+00:00"
    assert market.notifier.deliver() == 0


def test_a_lost_answer_brings_it_again_and_holds_up_its_stream_only(market: Market) -> None:
    market.answer = lambda r: lost(r) if r.headers["Message-Stream"] == "S1" else httpx.Response(200)
    id = market.notifier.consent("S1", TOLD)
    market.notifier.consent("S1", TOLD)
    market.notifier.consent("S2", TOLD)
    assert market.notifier.deliver() == 1
    assert market.order.count(("S1", "2")) == 0
    market.answer = lambda r: httpx.Response(200)
    market.now_s += 3
    assert market.notifier.deliver() == 2
    assert [r.headers["Message-Id"] for r in market.got].count(id) == 2


def test_what_is_told_survives_the_process(market: Market) -> None:
    id = market.notifier.consent("S1", TOLD)
    market.notifier.close()
    market.notifier = market.opened()
    assert market.notifier.deliver() == 1
    assert market.got[0].headers["Message-Id"] == id


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422])
def test_a_refusal_is_a_dead_letter_at_once(market: Market, status: int) -> None:
    market.answer = lambda r: httpx.Response(status, text="no")
    id = market.notifier.consent("S1", TOLD)
    market.notifier.consent("S1", TOLD)
    assert market.notifier.deliver() == 0
    (dead,) = market.notifier.dead_letters()
    assert (dead.id, dead.stream, dead.sequence, dead.error) == (id, "S1", 1, f"{status}: no")
    market.answer = lambda r: httpx.Response(200)
    assert market.notifier.deliver() == 0
    market.notifier.replay(id)
    assert market.notifier.deliver() == 2


@pytest.mark.parametrize("status", [404, 408, 429, 500, 503, 302])
def test_what_may_pass_is_tried_for_72_hours(market: Market, status: int) -> None:
    market.answer = lambda r: httpx.Response(status, headers={"Retry-After": "60"} if status in (429, 503) else {})
    id = market.notifier.consent("S1", TOLD)
    market.notifier.deliver()
    market.now_s += 30
    market.notifier.deliver()
    assert len(market.got) == (1 if status in (429, 503) else 2)
    market.now_s += 71 * 3600
    market.notifier.deliver()
    assert market.notifier.dead_letters() == []
    market.now_s += 3600
    market.notifier.deliver()
    assert [dead.id for dead in market.notifier.dead_letters()] == [id]
    market.notifier.drop(id)
    market.notifier.consent("S1", TOLD)
    market.answer = lambda r: httpx.Response(204)
    assert market.notifier.deliver() == 1


def test_a_key_follows_another_though_its_answer_is_lost(market: Market) -> None:
    market.answer = lost
    assert not market.notifier.refresh_key()
    shown = market.got[0].content
    new = json.loads(shown)["key"]
    market.answer = lambda r: httpx.Response(200 if r.headers["Authorization"] == f"Bearer {new}" else 401)
    market.notifier.consent("S1", TOLD)
    assert market.notifier.deliver() == 1
    assert market.notifier.refresh_key()
    assert market.got[-1].content == shown
    assert market.notifier.works()
    assert market.got[-1].headers["Authorization"] == f"Bearer {new}"
