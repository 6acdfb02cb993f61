"""What the worked case of the EU Market Place is played on: the market place's desk and the players' platforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from app.queries.models import Query
from app.queries.models.place import GetAgreement, ListMatches
from domain.commands import Command
from domain.commands.place import (
    AcceptGeneralAgreement,
    AcceptProposal,
    AskForProposal,
    OfferTerms,
    RequestServices,
)
from domain.errors import refuse
from domain.ids import PartyId, ServiceDescriptionId
from domain.marketplace.registrations import Registration
from domain.marketplace.requests import Proposal, ProposalLine, ServiceRequest, Subscription
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import PARTY_ROLE, Environment
from domain.parties import Party, Principal, Role
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import ReadOnly, UnitOfWork
from domain.transport import Correspondent

Answer = TypeVar("Answer")
_ANSWER_WITHIN = timedelta(days=14)


class Desk(Protocol):
    def execute(self, principal: Principal | None, command: Command) -> Any: ...
    def query(self, principal: Principal | None, query: Query[Answer]) -> Answer: ...


class Platform(Protocol):
    """A player's platform."""

    @property
    def desk(self) -> Desk: ...
    def read(self) -> AbstractContextManager[UnitOfWork]: ...


class Players(Protocol):
    """The players' platforms that run in this process."""

    def of(self, party_id: PartyId) -> Platform | None: ...

    def read_in(self, principal: Principal, file: bytes) -> object:
        """A provider reads values (CSV) into its platform."""
        ...


@dataclass(kw_only=True)
class Actor:
    """One registration or customer: at the market place and on its platform."""

    principal: Principal
    desk: Desk
    platform: Platform

    def place(self, command: Command) -> Any:
        return self.desk.execute(self.principal, command)

    def ask_place(self, query: Query[Answer]) -> Answer:
        return self.desk.query(self.principal, query)

    def do(self, command: Command) -> Any:
        return self.platform.desk.execute(self.principal, command)

    def ask(self, query: Query[Answer]) -> Answer:
        return self.platform.desk.query(self.principal, query)

    def held(self, kind: type[Any], **equal: object) -> tuple[Any, ...]:
        """What is stored on its platform."""
        with self.platform.read() as uow:
            return uow.find(kind, **equal)


@dataclass(kw_only=True)
class Scene:
    """Everybody who plays. `say(sentence)` tells what was done; `until(reached)` waits while messages travel.

    waiting : raises when it takes too long
    """

    desk: Desk
    read: ReadOnly
    players: Players
    say: Callable[[str], object]
    waiting: Callable[[Callable[[], bool]], None]
    _known: dict[str, Actor] = field(default_factory=dict)

    def actor(self, account: str) -> Actor:
        """By the account of a registration, or a customer's id."""
        if account not in self._known:
            with self.read() as uow:
                registered = uow.find(Registration, account=account)
                party_id = registered[0].id if registered else PartyId(account)
                role = PARTY_ROLE[registered[0].player_role] if registered else Role.CUSTOMER
                name = uow.get(Party, party_id).name
            platform = self.players.of(party_id)
            if platform is None:
                raise refuse("not_found", "platform", f"No platform of {name} runs here.")
            principal = Principal(account=account, party_id=party_id, role=role, name=name)
            self._known[account] = Actor(principal=principal, desk=self.desk, platform=platform)
        return self._known[account]

    def name(self, party_id: PartyId) -> str:
        with self.read() as uow:
            return uow.get(Party, party_id).name

    def account(self, party_id: PartyId) -> str:
        """Of a registration."""
        with self.read() as uow:
            return uow.get(Registration, party_id).account

    def until(self, reached: Callable[[], bool]) -> None:
        self.waiting(reached)

    def subscriptions(self, who: Actor) -> list[Subscription]:
        """Its own as a requester that are not over."""
        with self.read() as uow:
            found = uow.find(Subscription, requester_id=who.principal.party_id)
            return [one for one in found if not one.ended(uow.market)]

    def until_met(self, who: Actor, subscription: Subscription) -> None:
        """Both platforms were told of it, and each has a key for the other."""
        other = self.actor(self.account(subscription.provider_id))
        self.until(lambda: _met(who, other, subscription.id))

    def subscribe(
        self,
        who: Actor,
        environment: Environment,
        title: str,
        purpose: Mapping[str, str],
        wishes: Sequence[ServiceDescription],
        providers: Sequence[PartyId] = (),
    ) -> list[Subscription]:
        """From a wish list to a subscription with each provider that meets a wish: the requester asks, the
        provider confirms its terms, the requester accepts; then both platforms know and have met."""
        _agree(who)
        request: ServiceRequest = who.place(
            RequestServices(environment=environment, title=title, wishes=tuple(wishes), **purpose)
        )
        made = []
        matches = who.ask_place(ListMatches(request_id=request.id, provider_ids=tuple(providers)))
        for provider in matches.providers:
            lines = []
            for row in matches.wishes:
                fitting = next((m for m in row.matches if m.offer.provider_id == provider.provider_id), None)
                if fitting is not None:
                    lines.append(
                        ProposalLine(
                            wish_id=row.wish.id,
                            offer_id=fitting.offer.id,
                            description_id=fitting.description.id,
                        )
                    )
                    terms = fitting.offer.terms
            with self.read() as uow:
                now = uow.market
            asked: Proposal = who.place(
                AskForProposal(
                    request_id=request.id,
                    lines=tuple(lines),
                    terms=terms,
                    starts_at=now,
                    ends_at=None,
                    deadline=now + _ANSWER_WITHIN,
                )
            )
            other = self.actor(self.account(provider.provider_id))
            _agree(other)
            other.place(OfferTerms(proposal_id=asked.id, terms=terms))
            subscription: Subscription = who.place(AcceptProposal(proposal_id=asked.id))
            made.append(subscription)
            self.say(
                f"{who.principal.name} and {other.principal.name} have a subscription ({subscription.id}),"
                f" {terms.price_eur} EUR a month."
            )
            self.until_met(who, subscription)
        return made


def _agree(who: Actor) -> None:
    """The general agreement at the market place's level, once for each company."""
    agreement = who.ask_place(GetAgreement())
    if not agreement.accepted:
        who.place(AcceptGeneralAgreement(version=agreement.version))


def _met(who: Actor, other: Actor, id: str) -> bool:
    """Both platforms were told, and each has a key for the other."""
    told = who.held(PlatformSubscription, id=id) and other.held(PlatformSubscription, id=id)
    keys = [side.held(Correspondent, id=peer.principal.party_id) for side, peer in ((who, other), (other, who))]
    return bool(told) and all(found and found[0].sealed_key for found in keys)


def wish(description: ServiceDescription) -> ServiceDescription:
    """A description as a wish: the market place gives it an id."""
    return replace(description, id=ServiceDescriptionId(""), offer_id=None)
