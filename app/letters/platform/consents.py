"""Letters about customers' consents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.letters.names import Letter, count
from domain.events import platform as e
from domain.marketplace.words import ConsentState
from domain.platform.consents import Consent, ConsentAsk, ToldConsent
from domain.platform.subscriptions import PlatformSubscription
from domain.ports import UnitOfWork


def _requester(uow: UnitOfWork, consent: Consent) -> str:
    found = uow.find(PlatformSubscription, id=consent.subscription_id)
    return found[0].content.requester.name if found else consent.requester_id


def asked(uow: UnitOfWork, event: e.ConsentAsked) -> Iterator[Letter]:
    consent = uow.get(Consent, event.consent_id)
    pods = count(len(consent.pod_ids), "point") + " of delivery"
    sentence = f"{_requester(uow, consent)} asks for your consent to get data of {pods}."
    yield Letter(to=(event.customer_id,), sentence=sentence, link=f"/platform/consents?consent={consent.id}")


def given(uow: UnitOfWork, event: e.ConsentGiven) -> Iterator[Letter]:
    consent = uow.get(Consent, event.consent_id)
    sentence = f"A customer gave its consent to {_requester(uow, consent)} ({consent.id})."
    yield Letter(to=(consent.provider_id,), sentence=sentence)
    yield Letter(to=(event.customer_id,), sentence=f"You gave your consent to {_requester(uow, consent)}.")


def refused(uow: UnitOfWork, event: e.ConsentRefused) -> Iterator[Letter]:
    consent = uow.get(Consent, event.consent_id)
    sentence = f"A customer refused what {_requester(uow, consent)} asks for ({consent.id})."
    yield Letter(to=(consent.provider_id,), sentence=sentence)


def revoked(uow: UnitOfWork, event: e.ConsentRevoked) -> Iterator[Letter]:
    consent = uow.get(Consent, event.consent_id)
    pods = count(event.n_pods, "point") + " of delivery"
    sentence = f"A customer revoked its consent to {_requester(uow, consent)} for {pods} ({consent.id})."
    yield Letter(to=(consent.provider_id,), sentence=sentence)
    sentence = f"{_requester(uow, consent)} gets no more data of {pods}."
    yield Letter(to=(event.customer_id,), sentence=sentence)


def expired(uow: UnitOfWork, event: e.ConsentExpired) -> Iterator[Letter]:
    consent = uow.get(Consent, event.consent_id)
    what = "Your consent to" if consent.given_at else "The time to answer"
    sentence = f"{what} {_requester(uow, consent)} is over."
    yield Letter(to=(event.customer_id,), sentence=sentence)


def answered(uow: UnitOfWork, event: e.ConsentAskAnswered) -> Iterator[Letter]:
    ask = uow.get(ConsentAsk, event.ask_id)
    sentence = f"{count(ask.n_asked, 'customer')} asked; nobody for {len(ask.refused)} points of delivery."
    if ask.reason:
        sentence = f"The provider asked nobody for consent: {ask.reason}"
    yield Letter(to=(event.requester_id,), sentence=sentence)


_TOLD: Mapping[ConsentState, str] = {
    ConsentState.ACKNOWLEDGED: "A customer gave its consent",
    ConsentState.REVOKED: "A customer revoked its consent",
    ConsentState.EXPIRED: "A customer's consent is over",
}


def told(uow: UnitOfWork, event: e.ConsentTold) -> Iterator[Letter]:
    consent = uow.get(ToldConsent, event.consent_id)
    left = f"{count(len(consent.pod_names), 'point')} of delivery left"
    what = _TOLD.get(event.state, f"A consent is {event.state.value}")
    yield Letter(to=(event.requester_id,), sentence=f"{what} ({consent.id}), {left}.")
