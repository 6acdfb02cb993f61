"""Energy service provision: flexibility that a provider offers to its subscribers, who acquire and activate it
(FLEXICIENCY, document 000, section IV and figure 4).

An offer says what can be delivered in each quarter hour. An acquisition reserves a constant part of it over its
whole time; an activation calls up at most what was acquired, for some of its quarter hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.errors import Finding
from domain.flexibility.assets import Direction
from domain.ids import AcquisitionId, CallUpId, FlexibilityId, PartyId, SubscriptionId
from domain.marketplace.words import ActivationStatus, PlatformRole, TimeStep
from domain.platform.grid import on_grid
from domain.texts import text_findings
from domain.time import MARKET_ZONE, MTU, instant_findings
from domain.units import MAX_P_MW, Series, number_findings, price_findings, quantity_findings

ZERO = Decimal(0)
MOST_STEPS = 100
"""Quarter hours of the longest day."""
AREA = 80


class FlexibilityState(StrEnum):
    OPEN = "open"
    WITHDRAWN = "withdrawn"


class CallUpState(StrEnum):
    REQUESTED = "requested"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Flexibility:
    """What a provider offers to all subscribers of its energy service.

    power_mw : [n_steps] MW that can be delivered, none negative, in quarter hours from `starts_at` on
    made_from : of what data it was made, in a sentence without PoDs
    """

    id: FlexibilityId
    provider_id: PartyId
    area: str
    direction: Direction
    starts_at: datetime
    power_mw: Series
    price_eur_per_mwh: Decimal
    acquire_until: datetime
    made_from: str
    offered_at: datetime
    state: FlexibilityState = FlexibilityState.OPEN
    version: int = 0

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + len(self.power_mw) * MTU


@dataclass(frozen=True, kw_only=True)
class Told:
    """That an offer was sent under a subscription; `id` is of both."""

    id: str
    flexibility_id: FlexibilityId
    subscription_id: SubscriptionId
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """What one subscriber has of an offer, on its own platform and on the provider's.

    side : whether this platform is the provider's or the subscriber's; peer_id : the other's registration
    status : what the provider answered, None while it has not; power_mw : asked for, then what was given
    """

    id: AcquisitionId
    flexibility_id: FlexibilityId
    subscription_id: SubscriptionId
    side: PlatformRole
    peer_id: PartyId
    power_mw: Decimal
    asked_at: datetime
    status: ActivationStatus | None = None
    reason: str = ""
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class CallUp:
    """An activation of what was acquired, on both platforms."""

    id: CallUpId
    acquisition_id: AcquisitionId
    flexibility_id: FlexibilityId
    subscription_id: SubscriptionId
    side: PlatformRole
    peer_id: PartyId
    starts_at: datetime
    ends_at: datetime
    power_mw: Decimal
    asked_at: datetime
    state: CallUpState = CallUpState.REQUESTED
    reason: str = ""
    answered_at: datetime | None = None
    version: int = 0

    @property
    def energy_mwh(self) -> Decimal:
        return self.power_mw * Decimal((self.ends_at - self.starts_at) // timedelta(minutes=1)) / 60


def flexibility_findings(offer: Flexibility, market: datetime) -> list[Finding]:
    """Everything that is wrong with an offer that is made at the market time `market`."""
    found = text_findings(offer.area, "area", AREA) + text_findings(offer.made_from, "made_from", 400)
    found += price_findings(offer.price_eur_per_mwh, "price_eur_per_mwh")
    if not 1 <= len(offer.power_mw) <= MOST_STEPS:
        sentence = f"{len(offer.power_mw)} quarter hours; 1 to {MOST_STEPS} are allowed."
        found.append(Finding(code="wrong_length", field="power_mw", sentence=sentence))
    else:
        found += quantity_findings(offer.power_mw, "power_mw", len(offer.power_mw))
    times = [(offer.starts_at, "starts_at"), (offer.acquire_until, "acquire_until")]
    wrong = [finding for at, field in times for finding in instant_findings(at, field)]
    if wrong:
        return found + wrong
    rows = (
        (
            not on_grid(offer.starts_at, TimeStep.MINUTES_15, MARKET_ZONE),
            "starts_at",
            "out_of_range",
            "Begin on a quarter hour.",
        ),
        (offer.acquire_until <= market, "acquire_until", "deadline_passed", "That time has passed."),
        (
            offer.acquire_until > offer.starts_at,
            "acquire_until",
            "out_of_range",
            "It can be acquired until its delivery begins, not longer.",
        ),
    )
    return found + [Finding(code=code, field=field, sentence=words) for bad, field, code, words in rows if bad]


def acquisition_findings(offer: Flexibility, power_mw: Decimal, market: datetime) -> list[Finding]:
    """What is wrong with asking for a part of an offer, whatever others have of it."""
    if offer.state is not FlexibilityState.OPEN:
        return [Finding(code="wrong_state", field="flexibility_id", sentence="The offer was withdrawn.")]
    if market > offer.acquire_until:
        return [Finding(code="deadline_passed", field="flexibility_id", sentence="It is too late to acquire it.")]
    found = number_findings(power_mw, "power_mw", unit="MW", places=6, low=ZERO, high=MAX_P_MW)
    if not found and not power_mw:
        found = [Finding(code="zero_quantity", field="power_mw", sentence="Ask for more than nothing.")]
    return found


def free_mw(offer: Flexibility, acquired: Iterable[Acquisition]) -> Decimal:
    """What can still be reserved over the whole time of an offer, MW."""
    return max(min(offer.power_mw) - sum((one.power_mw for one in acquired if one.status), ZERO), ZERO)


def given(asked_mw: Decimal, free: Decimal) -> tuple[ActivationStatus, Decimal]:
    """What a provider confirms of what was asked for: all of it, what is left, or nothing."""
    if asked_mw <= free:
        return ActivationStatus.OK, asked_mw
    return (ActivationStatus.PARTIAL, free) if free else (ActivationStatus.KO, ZERO)


def call_up_findings(
    offer: Flexibility, acquired: Acquisition, wanted: CallUp, standing: Iterable[CallUp], market: datetime
) -> list[Finding]:
    """What is wrong with calling up a part of what was acquired beside the call-ups that stand."""
    if not acquired.status or not acquired.power_mw:
        return [Finding(code="wrong_state", field="acquisition_id", sentence="Nothing was acquired.")]
    times = instant_findings(wanted.starts_at, "starts_at") + instant_findings(wanted.ends_at, "ends_at")
    if times:
        return times
    found = number_findings(wanted.power_mw, "power_mw", unit="MW", places=6, low=ZERO, high=acquired.power_mw)
    rows = (
        (not wanted.power_mw, "power_mw", "zero_quantity", "Call up more than nothing."),
        (
            not on_grid(wanted.starts_at, TimeStep.MINUTES_15, MARKET_ZONE),
            "starts_at",
            "out_of_range",
            "Begin on a quarter hour.",
        ),
        (
            not on_grid(wanted.ends_at, TimeStep.MINUTES_15, MARKET_ZONE),
            "ends_at",
            "out_of_range",
            "End on a quarter hour.",
        ),
        (wanted.starts_at >= wanted.ends_at, "ends_at", "out_of_range", "It ends before it begins."),
        (
            wanted.starts_at < offer.starts_at or wanted.ends_at > offer.ends_at,
            "starts_at",
            "out_of_range",
            "It lies outside of the time that was offered.",
        ),
        (wanted.starts_at <= market, "starts_at", "deadline_passed", "Delivery would have begun already."),
    )
    found += [Finding(code=code, field=field, sentence=words) for bad, field, code, words in rows if bad]
    others = [one for one in standing if one.id != wanted.id and one.state is not CallUpState.REFUSED]
    if not found and _peak_mw(wanted, others) > acquired.power_mw:
        sentence = (
            f"With what is called up already it is more than the {acquired.power_mw.normalize():f} MW acquired."
        )
        found.append(Finding(code="not_callable", field="power_mw", sentence=sentence))
    return found


def _peak_mw(wanted: CallUp, others: Iterable[CallUp]) -> Decimal:
    """The most that is called up at once within the time of `wanted`; it changes only where one begins."""
    meeting = [one for one in others if one.starts_at < wanted.ends_at and wanted.starts_at < one.ends_at]
    moments = {wanted.starts_at} | {max(one.starts_at, wanted.starts_at) for one in meeting}
    at_once = (sum((o.power_mw for o in meeting if o.starts_at <= at < o.ends_at), ZERO) for at in moments)
    return wanted.power_mw + max(at_once)
