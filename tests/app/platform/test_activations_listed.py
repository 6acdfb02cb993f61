"""Which requests and agreements each side is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from consent_world import PROVIDER, REQUESTER, SERVICE, SUB
from two_platforms import TwoPlatforms, two_platforms

from app.queries.models.platform import ListAgreements, ListServiceActivations
from domain.commands import platform as pc
from domain.ids import PartyId, SubscriptionId
from domain.marketplace.words import ActivationStatus, Quantity, TimeStep
from domain.paging import Slice, falling
from domain.parties import Party, Role
from domain.platform.activations import AgreementState, DataSelection

NEWEST = Slice(order=falling("requested_at", "id"), limit=9)
MADE = Slice(order=falling("validated_at", "id"), limit=9)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoPlatforms]:
    with two_platforms(tmp_path) as made:
        yield made


def test_both_sides_see_what_was_confirmed_and_agreed_and_nobody_else_does(two: TwoPlatforms) -> None:
    two.given(("AT001",))
    two.requester.do(
        REQUESTER,
        pc.RequestActivation(
            subscription_id=SUB,
            description_id=SERVICE,
            pod_ids=("AT001", "AT003"),
            selection=DataSelection(quantity=Quantity.CONSUMPTION, time_step=TimeStep.MINUTES_15),
        ),
    )
    two.carry()
    for side, who in ((two.provider, PROVIDER), (two.requester, REQUESTER)):
        (seen,) = side.ask(who, ListServiceActivations(part=NEWEST, status=ActivationStatus.PARTIAL))
        assert (seen.confirmed, [each.pod_id for each in seen.refused]) == (("AT001",), ["AT003"])
        (agreement,) = side.ask(who, ListAgreements(part=MADE, subscription_id=SUB, state=AgreementState.IN_FORCE))
        assert agreement.pod_names == ("AT001",)
        assert side.ask(who, ListServiceActivations(part=NEWEST, status=ActivationStatus.KO)) == ()
        assert side.ask(who, ListAgreements(part=MADE, subscription_id=SubscriptionId("S-9"))) == ()
    two.requester.put(Party(id=PartyId("second"), name="Second", role=Role.REQUESTER))
    assert two.requester.ask("second", ListServiceActivations(part=NEWEST)) == ()
    assert two.requester.ask("second", ListAgreements(part=MADE)) == ()
    assert two.provider.codes("house", ListAgreements(part=MADE)) == [("not_permitted", "")]
