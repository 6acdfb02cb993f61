"""State tables: what is allowed is in them, everything else is refused, and no state is out of reach."""

from __future__ import annotations

from enum import StrEnum
from itertools import product

import pytest

from domain import lifecycle as life
from domain.errors import Refused
from domain.lifecycle import advance

TABLES = {
    life.AssetState: (life.ASSET, "registered"),
    life.RequestState: (life.REQUEST, "published"),
    life.ReviewState: (life.REVIEW, "not reviewed"),
    life.OfferState: (life.OFFER, "submitted"),
    life.SessionState: (life.SESSION, "planned"),
    life.AwardState: (life.AWARD, "provisional"),
    life.ActivationState: (life.ACTIVATION, "requested"),
    life.JobState: (life.JOB, "queued"),
}
FINAL = {
    life.RequestState: {"met", "unmet", "not needed"},
    life.OfferState: {"partly accepted", "rejected"},
    life.SessionState: {"published"},
    life.AwardState: {"published"},
    life.ActivationState: set(),
    life.JobState: {"done", "failed", "cancelled"},
    life.AssetState: set(),
    life.ReviewState: set(),
}


@pytest.mark.parametrize("states", TABLES, ids=lambda kind: kind.__name__)
def test_every_state_can_be_reached(states: type[StrEnum]) -> None:
    table, first = TABLES[states]
    reached = {states(first)}
    while more := {after for (before, _), after in table.items() if before in reached} - reached:
        reached |= more
    assert reached == set(states)


@pytest.mark.parametrize("states", TABLES, ids=lambda kind: kind.__name__)
def test_only_these_states_are_final(states: type[StrEnum]) -> None:
    table, _ = TABLES[states]
    assert set(states) - {before for before, _ in table} == {states(name) for name in FINAL[states]}


@pytest.mark.parametrize("states", TABLES, ids=lambda kind: kind.__name__)
def test_a_move_is_in_the_table_or_refused(states: type[StrEnum]) -> None:
    table, _ = TABLES[states]
    triggers = {trigger for _, trigger in table}
    for state, trigger in product(states, triggers):
        if (state, trigger) in table:
            assert advance(table, state, trigger) is table[state, trigger]
        else:
            with pytest.raises(Refused, match="wrong_state"):
                advance(table, state, trigger)


def test_the_refusal_says_what_cannot_be_done_and_why() -> None:
    with pytest.raises(Refused) as caught:
        advance(life.OFFER, life.OfferState.REJECTED, "accept_partly", "offer_id")
    (finding,) = caught.value.findings
    assert (finding.field, finding.sentence) == ("offer_id", "It cannot accept partly while it is rejected.")
