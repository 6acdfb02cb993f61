"""What may go out under an agreement: only what stands at this moment, PoD by PoD."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from consent_world import (
    DAY,
    FREE_SERVICE,
    NOW,
    OTHER,
    OTHER_SUB,
    POD_1,
    POD_2,
    POD_3,
    READING,
    SERVICE,
    agreement,
    allowed,
    change,
    consented,
    days,
    put,
    standing_still,
    subscription,
)

from app.persistence import Store, open_store
from app.persistence.lines import PLATFORM
from app.platform.allowing import FEW
from domain.ids import ConsentId, PodId, ServiceDescriptionId
from domain.marketplace.words import PlatformRole, Quantity, TimeStep
from domain.platform.activations import AgreementState, DataSelection
from domain.platform.consents import purpose
from domain.platform.subscriptions import SubscriptionStanding
from domain.time import Interval, merged


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/platform.db", line=PLATFORM) as made:
        made.migrate()
        standing_still(made)
        yield made


def test_each_pod_with_a_consent_that_stands_cut_to_its_period(store: Store) -> None:
    put(store, subscription(), agreement(), consented(POD_1), consented(POD_2, ends_at=NOW + 90 * DAY))
    assert allowed(store, agreement()) == {POD_1: (days(-30, 30),), POD_2: (days(-30, 40),)}
    assert allowed(store, agreement(), only=[POD_2, POD_3]) == {POD_2: (days(-30, 40),)}


def test_the_first_call_after_a_revocation_gives_nothing_not_even_of_the_past(store: Store) -> None:
    put(store, subscription(), agreement(), consented(POD_1), consented(POD_2))
    assert set(allowed(store, agreement())) == {POD_1, POD_2}
    change(store, consented(POD_1), stands=False)
    assert set(allowed(store, agreement())) == {POD_2}
    assert not allowed(store, agreement(), only=[POD_1])
    change(store, consented(POD_2), stands=False)
    assert not allowed(store, agreement())


@pytest.mark.parametrize(
    "changes",
    [
        {"subscription_id": OTHER_SUB},
        {"requester_id": OTHER},
        {"purpose": purpose(SERVICE, "Advertisements.")},
        {"purpose": purpose(ServiceDescriptionId("D-9"), READING)},
        {"ends_at": NOW},
        {"starts_at": NOW + DAY},
        {"stands": False},
        {"pod_id": POD_3},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_consent_to_something_else_opens_nothing(store: Store, changes: dict[str, Any]) -> None:
    put(store, subscription(), agreement(), consented(**changes))
    assert not allowed(store, agreement())


@pytest.mark.parametrize(
    "changes",
    [{"state": AgreementState.ENDED}, {"starts_at": NOW + DAY}, {"ends_at": NOW}, {"description_id": "D-9"}],
    ids=lambda changes: next(iter(changes)),
)
def test_an_agreement_that_is_not_in_force_opens_nothing(store: Store, changes: dict[str, Any]) -> None:
    put(store, subscription(), agreement(**changes), consented())
    assert not allowed(store, agreement())


@pytest.mark.parametrize(
    "changes",
    [
        {"state": SubscriptionStanding.CANCELED},
        {"side": PlatformRole.REQUESTER},
        {"starts_at": NOW + DAY},
        {"ends_at": NOW},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_subscription_that_is_not_in_force_opens_nothing(store: Store, changes: dict[str, Any]) -> None:
    put(store, subscription(**changes), agreement(), agreement(id="A-2", description_id=FREE_SERVICE), consented())
    assert not allowed(store, agreement())
    assert not allowed(store, agreement(id="A-2"))


def test_without_mandatory_consent_the_whole_portfolio_for_the_agreements_period(store: Store) -> None:
    free = agreement(description_id=FREE_SERVICE)
    put(store, subscription(), free)
    assert allowed(store, free) == {POD_1: (days(-40, 40),), POD_2: (days(-40, 40),)}


def test_consents_that_meet_are_one_period_and_others_two(store: Store) -> None:
    put(
        store,
        subscription(),
        agreement(),
        consented(consent_id=ConsentId("C-1"), starts_at=NOW - 30 * DAY, ends_at=NOW + DAY),
        consented(consent_id=ConsentId("C-2"), starts_at=NOW - DAY, ends_at=NOW + 5 * DAY),
    )
    assert allowed(store, agreement()) == {POD_1: (days(-30, 5),)}
    assert merged([days(3, 4), days(1, 2)]) == (days(1, 2), days(3, 4))


def test_the_selection_cuts_the_data_too(store: Store) -> None:
    """Of what the customer consented to, only what the agreement is about; a selection outside gives nothing."""

    def selecting(period: Interval) -> DataSelection:
        return DataSelection(
            quantity=Quantity.CONSUMPTION,
            time_step=TimeStep.MINUTES_15,
            period_start=period.start,
            period_end=period.end,
        )

    past = agreement(id="A-2", selection=selecting(days(-50, -20)))
    before = agreement(id="A-3", selection=selecting(days(-50, -31)))
    put(store, subscription(), past, before, consented())
    assert allowed(store, past) == {POD_1: (days(-30, -20),)}
    assert not allowed(store, before)


def test_an_old_copy_of_an_agreement_opens_no_more_than_the_stored_one(store: Store) -> None:
    put(store, subscription(), agreement(pod_ids=(POD_1,)), consented(POD_1), consented(POD_2))
    assert set(allowed(store, agreement(pod_ids=(POD_1, POD_2, POD_3)))) == {POD_1}
    assert not allowed(store, agreement(id="A-7"))


def test_of_many_pods_all_consents_are_read_at_once(store: Store) -> None:
    """The other way of asking, for more PoDs than are asked for by name."""
    pods = tuple(PodId(f"P{n:05d}") for n in range(FEW + 1))
    put(store, subscription(), agreement(pod_ids=pods), consented(pods[0]), consented(pods[-1]), consented(POD_3))
    assert set(allowed(store, agreement())) == {pods[0], pods[-1]}
