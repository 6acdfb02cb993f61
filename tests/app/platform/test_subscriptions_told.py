"""What a platform says of the subscriptions that the market place told it of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from consent_world import NOW, subscription

from app.platform.bootstrap import Platform, build
from app.queries.models.platform import ListSubscriptions, SubscriptionView
from domain.errors import Refused
from domain.ids import PartyId, SubscriptionId
from domain.marketplace.words import PlatformRole
from domain.parties import SYSTEM, Party, Principal, Role
from domain.platform.subscriptions import SubscriptionStanding


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    opened = build(f"sqlite:///{tmp_path / 'platform.db'}", wall_clock=lambda: NOW)
    yield opened
    opened.close()


def told(platform: Platform, who: str, role: Role) -> tuple[SubscriptionView, ...]:
    return platform.desk.query(Principal(account=who, party_id=PartyId(who), role=role), ListSubscriptions())


def test_each_registration_sees_its_own_and_never_the_introduction(platform: Platform) -> None:
    first = replace(subscription(id=SubscriptionId("S-1")), introduction="a secret word")
    ended = replace(
        subscription(id=SubscriptionId("S-2")),
        state=SubscriptionStanding.CANCELED,
        canceled_at=NOW,
        reason="moved",
    )
    other = replace(subscription(id=SubscriptionId("S-3")), side=PlatformRole.REQUESTER)
    with platform.store.write(SYSTEM, first) as uow:
        for entity in (
            Party(id=PartyId("provider"), name="North", role=Role.PROVIDER),
            Party(id=PartyId("requester"), name="West", role=Role.REQUESTER),
            Party(id=PartyId("house"), name="House", role=Role.CUSTOMER),
            first,
            ended,
            other,
        ):
            uow.add(entity)
    seen = told(platform, "provider", Role.PROVIDER)
    assert {(each.content.id, each.peer, each.in_force) for each in seen} == {
        ("S-1", "West pool", True),
        ("S-2", "West pool", False),
    }
    assert "a secret word" not in repr(seen)
    (own,) = told(platform, "requester", Role.REQUESTER)
    assert (own.content.id, own.peer) == ("S-3", "North meters")
    with pytest.raises(Refused, match="not see"):
        told(platform, "house", Role.CUSTOMER)
