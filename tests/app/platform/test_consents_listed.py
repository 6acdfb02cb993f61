"""What customers, providers and requesters see of consents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from consent_world import OTHER, PROVIDER, REQUESTER, SUB
from two_platforms import TwoPlatforms, two_platforms

from app.queries.models.platform import ListConsentAsks, ListConsents, ListToldConsents
from domain.commands import platform as pc
from domain.ids import PartyId, PodId, SubscriptionId
from domain.marketplace.words import ConsentState
from domain.paging import Slice, falling
from domain.parties import Party, Role

NEWEST = Slice(order=falling("asked_at", "id"), limit=50, counted=True)
TOLD = Slice(order=falling("acknowledged_at", "id"), limit=50)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoPlatforms]:
    with two_platforms(tmp_path) as made:
        yield made


def test_a_customer_sees_its_own_and_the_provider_all_of_its_customers(two: TwoPlatforms) -> None:
    two.asked(("AT001", "AT002", "AT003"))
    (house,) = two.provider.ask("house", ListConsents(part=NEWEST))
    (flat,) = two.provider.ask("flat", ListConsents(part=NEWEST))
    assert (house.consent.pod_ids, flat.consent.pod_ids) == (("AT001", "AT002"), ("AT003",))
    assert (house.requester, house.customer, house.standing) == ("West pool", "House", ())
    assert house.service is not None
    seen = two.provider.ask(PROVIDER, ListConsents(part=NEWEST))
    assert {view.consent.id for view in seen} == {house.consent.id, flat.consent.id}
    assert seen.total == 2


def test_what_a_link_is_known_by_is_never_told(two: TwoPlatforms) -> None:
    two.asked()
    (view,) = two.provider.ask("house", ListConsents(part=NEWEST))
    two.provider.do(PROVIDER, pc.MakeConsentLinks(consent_ids=(view.consent.id,)))
    (again,) = two.provider.ask(PROVIDER, ListConsents(part=NEWEST))
    assert again.consent.link_until is not None
    assert again.consent.link_sha256 == ""


def test_what_stands_is_what_was_given_and_not_revoked(two: TwoPlatforms) -> None:
    given = two.given()
    two.provider.do("house", pc.RevokeConsent(consent_id=given.id, pod_ids=(PodId("AT001"),)))
    (view,) = two.provider.ask("house", ListConsents(part=NEWEST))
    assert view.standing == ("AT002",)
    two.provider.do("house", pc.RevokeConsent(consent_id=given.id))
    (view,) = two.provider.ask("house", ListConsents(part=NEWEST, state=ConsentState.REVOKED))
    assert view.standing == ()
    assert two.provider.ask("house", ListConsents(part=NEWEST, state=ConsentState.ASKED)) == ()


def test_a_requester_sees_what_it_asked_and_was_told_and_another_one_nothing(two: TwoPlatforms) -> None:
    given = two.given()
    asks = two.requester.ask(REQUESTER, ListConsentAsks(part=NEWEST))
    assert [(each.id, each.n_asked) for each in asks] == [(given.ask_id, 1)]
    (told,) = two.requester.ask(REQUESTER, ListToldConsents(part=TOLD, subscription_id=SUB))
    assert (told.id, told.state) == (given.id, ConsentState.ACKNOWLEDGED)
    assert two.requester.ask(REQUESTER, ListToldConsents(part=TOLD, subscription_id=SubscriptionId("S-9"))) == ()
    two.requester.put(Party(id=PartyId("second"), name="Second", role=Role.REQUESTER))
    assert two.requester.ask("second", ListConsentAsks(part=NEWEST)) == ()
    assert two.requester.ask("second", ListToldConsents(part=TOLD)) == ()


def test_roles_that_have_no_business_with_them_are_refused(two: TwoPlatforms) -> None:
    for who, query in ((OTHER, ListConsents(part=NEWEST)), ("house", ListConsentAsks(part=NEWEST))):
        assert two.provider.codes(who, query) == [("not_permitted", "")]
