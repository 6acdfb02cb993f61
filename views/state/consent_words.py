"""A consent in a customer's words: who gets what, for what, of which points of delivery, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.errors import Finding, Refused
from domain.ids import PodId
from domain.marketplace.services import ServiceDescription
from domain.marketplace.words import ConsentState
from domain.platform.consents import STANDING, Consent
from domain.platform.pods import Pod
from domain.time import MARKET_ZONE
from views.state.common import local, utc
from views.state.spans import plural

_MOMENT = timedelta(microseconds=1)
PODS_NAMED = 8
"""One by one; of more the rest is counted."""

PAST_WORDS: Mapping[ConsentState, str] = {
    ConsentState.REFUSED: "You said no.",
    ConsentState.REVOKED: "You ended it.",
    ConsentState.EXPIRED: "Its time is over.",
}


@dataclass(frozen=True, kw_only=True)
class Known:
    """A consent with what a page says of it.

    requester : name of who asks; service : what it is for, if the subscription still tells
    standing : points of delivery for which it stands now
    """

    consent: Consent
    requester: str
    service: ServiceDescription | None
    standing: tuple[PodId, ...]

    @property
    def open(self) -> bool:
        return self.consent.state is ConsentState.ASKED

    @property
    def stands(self) -> bool:
        return self.consent.state in STANDING


@dataclass(frozen=True, kw_only=True)
class Words:
    """`facts`: (what, words, the same with UTC for the hover) in the order in which they are read."""

    headline: str
    facts: tuple[tuple[str, str, str], ...]
    note: str = ""


def words(known: Known, pods: Mapping[PodId, Pod]) -> Words:
    """What a card says."""
    consent, who = known.consent, known.requester
    asked = _dates(consent.starts_at, consent.ends_at)
    facts = [
        ("Which data", _data(known), ""),
        ("What for", consent.processing_details, ""),
        ("Of which points", pod_words(known.standing if known.stands else consent.pod_ids, pods), ""),
        ("From when to when", *asked),
    ]
    if known.open:
        until = consent.answer_until
        facts.append(("Answer until", f"{local(until, '%A, %d %B %Y, %H:%M')}", utc(until)))
        return Words(headline=f"{who} asks for your data", facts=tuple(facts))
    if known.stands:
        given = consent.given_at or consent.asked_at
        note = f"You agreed on {local(given, '%d %B %Y')}. You can end this at any time."
        return Words(headline=f"{who} gets your data", facts=tuple(facts), note=note)
    return Words(headline=who, facts=tuple(facts), note=PAST_WORDS.get(consent.state, ""))


def pod_words(pod_ids: Sequence[PodId], pods: Mapping[PodId, Pod]) -> str:
    """Addresses with codes; of many the first and how many more."""
    named = "; ".join(pod_name(pod_id, pods) for pod_id in pod_ids[:PODS_NAMED])
    more = len(pod_ids) - PODS_NAMED
    return f"{named}; and {more:,} more" if more > 0 else named or "none"


def pod_name(pod_id: PodId, pods: Mapping[PodId, Pod]) -> str:
    pod = pods.get(pod_id)
    return str(pod_id) if pod is None else f"{pod.street}, {pod.postcode} {pod.city} ({pod_id})"


def history_line(known: Known) -> dict[str, str]:
    """A row of what is over."""
    consent = known.consent
    ended = consent.ended_at
    asked, asked_utc = _dates(consent.starts_at, consent.ends_at)
    return {
        "consent_id": consent.id,
        "who": known.requester,
        "what": consent.data_details,
        "state": consent.state.value,
        "period": asked,
        "period_utc": asked_utc,
        "asked": local(consent.asked_at, "%d %b %Y %H:%M"),
        "asked_utc": utc(consent.asked_at),
        "given": local(consent.given_at, "%d %b %Y %H:%M") if consent.given_at else "–",
        "given_utc": utc(consent.given_at) if consent.given_at else "",
        "ended": local(ended, "%d %b %Y %H:%M") if ended else "–",
        "ended_utc": utc(ended) if ended else "",
        "pods": plural(len(consent.pod_ids), "point"),
    }


def first_day(instant: datetime) -> date:
    """The day on which something begins, on the market's clock."""
    return instant.astimezone(MARKET_ZONE).date()


def last_day(instant: datetime) -> date:
    """The last day of something that ends before `instant`."""
    return (instant - _MOMENT).astimezone(MARKET_ZONE).date()


def part_of_period(consent: Consent, first: date | None, last: date | None) -> tuple[datetime, datetime]:
    """From and to of chosen days; a day that was not changed keeps its hour as asked.

    Raises:
        Refused: `missing` for a day that is not chosen.
    """
    if first is None or last is None:
        field = "starts_at" if first is None else "ends_at"
        raise Refused([Finding(code="missing", field=field, sentence="Choose a day.")])
    start = consent.starts_at if first == first_day(consent.starts_at) else midnight(first)
    end = consent.ends_at if last == last_day(consent.ends_at) else midnight(last + timedelta(days=1))
    return start, end


def midnight(day: date) -> datetime:
    """The day's first instant on the market's clock."""
    return datetime.combine(day, time(), MARKET_ZONE)


def _dates(start: datetime, end: datetime) -> tuple[str, str]:
    """Days, with hours only where they are not midnight."""
    begins = f"{first_day(start):%d %B %Y}" + ("" if _atmidnight(start) else local(start, ", %H:%M"))
    ends = f"{last_day(end):%d %B %Y}" + ("" if _atmidnight(end) else local(end, ", %H:%M"))
    return f"{begins} to {ends}", f"{utc(start)} to {utc(end)}"


def _atmidnight(instant: datetime) -> bool:
    return instant.astimezone(MARKET_ZONE).time() == time()


def _data(known: Known) -> str:
    service = known.service
    if service is None:
        return known.consent.data_details
    steps = {"PT10M": "every 10 minutes", "PT15M": "every quarter hour", "PT30M": "every half hour"}
    every = steps.get(service.time_step.value, "every hour" if service.time_step.value == "PT1H" else "every day")
    return f"{known.consent.data_details} ({service.quantity.value}, a value for {every})"
