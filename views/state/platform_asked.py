"""Consents of a provider's customers, in a page's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import param

from app.queries.models.platform import ConsentView, ListConsents
from domain.marketplace.words import ConsentState
from domain.paging import Slice, falling
from views.state.common import MISSING, local, utc
from views.state.door import Door
from views.state.platform_activations import points_words
from views.state.platform_asks import period_words

SHOWN = 300
LINK = "/b2c/v1/asks/"


class ConsentLink(Protocol):
    """A new link; its token is told this once."""

    @property
    def consent_id(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def until(self) -> datetime: ...


class AskedState(param.Parameterized):
    """What the address keeps."""

    consent = param.String(default="")
    state = param.String(default="")


@dataclass(frozen=True, kw_only=True)
class AskedFacts:
    views: tuple[ConsentView, ...]
    total: int
    chosen: ConsentView | None

    @property
    def words(self) -> str:
        """How much of the whole is in the book."""
        if len(self.views) == self.total:
            return f"{self.total:,} shown." if self.total else ""
        return f"The newest {len(self.views):,} of {self.total:,}."


def state_of(state: AskedState) -> str:
    """The state of the address, "" for one that there is not."""
    return state.state if state.state in {each.value for each in ConsentState} else ""


def asked_facts(door: Door, state: AskedState) -> AskedFacts:
    wanted = state_of(state)
    part = Slice(order=falling("asked_at", "id"), limit=SHOWN, counted=True)
    found = door.ask(ListConsents(part=part, state=ConsentState(wanted) if wanted else None))
    chosen = next((view for view in found if view.consent.id == state.consent), found[0] if found else None)
    return AskedFacts(views=tuple(found), total=found.total or 0, chosen=chosen)


def asked_record(view: ConsentView) -> dict[str, Any]:
    consent = view.consent
    return {
        "id": consent.id,
        "state": consent.state.value,
        "customer": view.customer,
        "requester": view.requester,
        "service": view.service.short_description if view.service else consent.description_id,
        "points": f"{len(view.standing):,} of {len(consent.pod_ids):,}",
        "period": period_words(consent.starts_at, consent.ends_at),
        "period_utc": f"{utc(consent.starts_at)} to {utc(consent.ends_at)}",
        "asked": local(consent.asked_at, "%d %b %H:%M"),
        "asked_utc": utc(consent.asked_at),
    }


def asked_lines(view: ConsentView) -> list[tuple[str, str]]:
    consent = view.consent
    told = [
        ("Consent", consent.id),
        ("Customer", f"{view.customer} ({consent.customer_id})"),
        ("Asked by", view.requester),
        ("Data", consent.data_details),
        ("Processing", consent.processing_details),
        ("Period", period_words(consent.starts_at, consent.ends_at)),
        ("Asked for", points_words(consent.pod_ids)),
        ("In force for", points_words(view.standing)),
        ("Asked", local(consent.asked_at, "%d %b %Y %H:%M")),
        ("Answer until", local(consent.answer_until, "%d %b %Y %H:%M")),
    ]
    for what, at in (
        ("Given", consent.given_at),
        ("Acknowledged", consent.acknowledged_at),
        ("Ended", consent.ended_at),
    ):
        told.append((what, local(at, "%d %b %Y %H:%M") if at else MISSING))
    return told


def link_records(links: Sequence[ConsentLink], views: Sequence[ConsentView], address: str) -> list[dict[str, str]]:
    """Whose link it is, and the whole of it. `address`: of the platform's interfaces."""
    known = {view.consent.id: view for view in views}
    return [
        {
            "customer": known[link.consent_id].customer,
            "requester": known[link.consent_id].requester,
            "consent": link.consent_id,
            "link": f"{address}{LINK}{link.token}",
            "until": utc(link.until),
        }
        for link in links
    ]
