"""The search finds on the market place what its asker may see there, with a page of the asker's."""

from __future__ import annotations

from placed import OPERATOR, RDP, UDR, Deal, certified, dealing, enrolled, offered
from world import WHO, World

from app.queries.models import Hit, HitKind, Search
from domain.commands.place import WithdrawServiceOffer
from domain.marketplace.companies import Company
from domain.marketplace.registrations import RegistrationWish
from domain.marketplace.requests import ServiceRequest
from domain.marketplace.words import CompanyType


def hits(world: World, who: str, text: str) -> list[Hit]:
    return list(world.desk.query(WHO[who], Search(text=text, limit=50)))


def found(world: World, who: str, text: str) -> set[tuple[HitKind, str]]:
    return {(hit.kind, hit.id) for hit in hits(world, who, text)}


def test_each_side_finds_its_offer_request_and_subscription_and_outsiders_only_the_offer(world: World) -> None:
    deal: Deal = dealing(world)
    subscription, request = deal.subscribed(), world.only(ServiceRequest)
    (stranger,) = certified(world, "Far pool", CompanyType.UNREGULATED, (UDR,))
    offer = HitKind.SERVICE_OFFER, deal.offer.id
    for who in (OPERATOR, deal.provider.id, deal.requester.id):
        assert offer in found(world, who, deal.offer.id)
        assert (HitKind.SUBSCRIPTION, subscription.id) in found(world, who, subscription.id)
    for who in (OPERATOR, deal.requester.id):
        assert (HitKind.SERVICE_REQUEST, request.id) in found(world, who, request.id)
    assert offer in found(world, stranger.id, deal.offer.title)
    assert found(world, stranger.id, subscription.id) == found(world, stranger.id, request.id) == set()
    for who in ("fmo", "dso1", "esp1", "customer1"):
        assert found(world, who, deal.offer.id) == found(world, who, subscription.id) == set()


def _wish(account: str) -> tuple[RegistrationWish, ...]:
    return (RegistrationWish(player_role=RDP, account=account, platform_url=f"https://{account}.example"),)


def test_who_waits_is_found_by_the_operator_alone_and_a_provider_finds_its_own_company(world: World) -> None:
    (north,) = certified(world, "North Grid")
    waiting = enrolled(world, "Waiting Grid", registrations=_wish("waiting"))
    assert found(world, OPERATOR, "grid") == {
        (HitKind.COMPANY, north.company_id),
        (HitKind.COMPANY, waiting.id),
    }
    assert found(world, "requester1", "grid") == {(HitKind.COMPANY, north.company_id)}
    assert found(world, north.id, "grid") == {(HitKind.COMPANY, north.company_id)}
    assert found(world, "provider1", "grid") == set()
    (hit,) = hits(world, "requester1", "north grid")
    assert (hit.label, hit.note) == ("North Grid", "regulated data provider")
    assert len(world.find(Company)) == 2


def test_a_withdrawn_offer_is_found_by_its_provider_and_the_operator(world: World) -> None:
    (north,) = certified(world, "North Grid")
    offer = offered(world, north)
    world.do(north.id, WithdrawServiceOffer(offer_id=offer.id))
    one = {(HitKind.SERVICE_OFFER, offer.id)}
    assert found(world, north.id, offer.id) == found(world, OPERATOR, offer.id) == one
    assert found(world, "requester1", offer.id) == set()
