"""What an answer means: done, again later, or never."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from carried import NOW

from app.transport.client import Answer
from app.transport.verdicts import FIRST_DELAY, LONGEST_DELAY, clean, delay, verdict
from domain.ids import MessageId, PartyId
from domain.transport import LONGEST_TRYING, MessageState, OutgoingMessage


def message(n_tries: int = 0) -> OutgoingMessage:
    return OutgoingMessage(
        id=MessageId("MS-1"),
        addressee_id=PartyId("P1"),
        stream="s",
        sequence=1,
        path="/x",
        body="{}",
        created_at=NOW,
        trying_since=NOW,
        next_try_at=NOW,
        n_tries=n_tries,
    )


def said(status: int, text: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, text=text, headers=named)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, "delivered"),
        (201, "delivered"),
        (204, "delivered"),
        (301, "waiting"),
        (400, "dead"),
        (401, "dead"),
        (403, "dead"),
        (404, "waiting"),
        (408, "waiting"),
        (409, "dead"),
        (410, "dead"),
        (422, "dead"),
        (429, "waiting"),
        (499, "dead"),
        (500, "waiting"),
        (503, "waiting"),
        (599, "waiting"),
        (0, "waiting"),
        (100, "waiting"),
    ],
)
def test_each_status_has_its_meaning(status: int, state: str) -> None:
    tried = verdict(message(), said(status), NOW, Random(1))
    assert tried.state is MessageState(state)
    assert (tried.next_try_at is not None) == (state == "waiting")


def test_tries_come_rarer_and_scattered() -> None:
    random = Random(7)
    for n_tries in range(40):
        longest = min(FIRST_DELAY * 2**n_tries, LONGEST_DELAY)
        drawn = [delay(n_tries, random) for _ in range(50)]
        assert all(longest / 2 <= each <= longest for each in drawn)
        assert len(set(drawn)) > 40
    assert [delay(3, Random(5))] == [delay(3, Random(5))]


def test_it_is_tried_until_72_hours_are_over_and_once_then() -> None:
    end = NOW + LONGEST_TRYING
    shortly = verdict(message(30), said(500), end - timedelta(seconds=1), Random(1))
    assert (shortly.state, shortly.next_try_at) == (MessageState.WAITING, end)
    at_last = verdict(message(31), said(500), end, Random(1))
    assert at_last.state is MessageState.DEAD
    assert at_last.error == "Not delivered within 72 hours. 500:"
    assert verdict(message(31), said(200), end + timedelta(days=9), Random(1)).state is MessageState.DELIVERED


@pytest.mark.parametrize(
    ("status", "retry_after", "wait"),
    [
        (429, "120", timedelta(seconds=120)),
        (503, " 60 ", timedelta(seconds=60)),
        (503, "Sat, 21 Nov 2026 08:40:00 GMT", timedelta(minutes=10)),
        (503, "99999999999", timedelta(days=1)),
        (503, "Fri, 20 Nov 2026 08:40:00 GMT", None),
        (503, "soon", None),
        (503, "-5", None),
        (500, "120", None),
    ],
)
def test_whoever_asks_to_wait_is_waited_for(status: int, retry_after: str, wait: timedelta | None) -> None:
    tried = verdict(message(), said(status, retry_after=retry_after), NOW, Random(1))
    assert tried.next_try_at is not None
    if wait is None:
        assert tried.next_try_at - NOW <= FIRST_DELAY
    else:
        assert tried.next_try_at - NOW == wait


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"detail": "No such subscription."}', "404: No such subscription."),
        ('{"detail": 5}', '404: {"detail": 5}'),
        ("<b>\x00\n\u202e no</b>", "404: <b> no</b>"),
        ("[" * 5000, "404: " + "[" * 295),
    ],
)
def test_errors_are_one_short_line(text: str, error: str) -> None:
    assert verdict(message(), said(404, text), NOW, Random(1)).error == error


def test_a_line_is_cut() -> None:
    assert len(clean("x " * 1000)) == 300
