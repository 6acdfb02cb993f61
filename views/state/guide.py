"""The guided demo: what its presenter says, plays, and points to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import param

from app.queries.models import ChapterRow, GetGuide, GetShell, GuideView, ShellView
from domain.commands import PlayChapter
from domain.guide import ChapterName, ChapterState
from domain.parties import Region
from domain.time import MARKET_ZONE
from views.state.door import Door

N = ChapterName


@dataclass(frozen=True, kw_only=True)
class Look:
    """A page to open: as whom ("dso" and "tso" are those of each region), and its address; `{}` are filled in."""

    account: str
    label: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Words:
    """A chapter as it is told: its title, one line, what playing it does, and where to look then."""

    title: str
    line: str
    will: str
    look: tuple[Look, ...]


_DAY = "region={region}&day={day}"
WORDS: Mapping[ChapterName, Words] = {
    N.NEEDS: Words(
        title="Needs",
        line="Sun and wind of tomorrow push the grid beyond its limits.",
        will="Each grid operator sends in its schedules for the day. An AC power flow of every quarter hour finds "
        "where voltages and loadings leave their limits.",
        look=(Look(account="dso", label="Control room", href=f"/dso?{_DAY}"),),
    ),
    N.REQUESTS: Words(
        title="Requests",
        line="The grid operator asks the market for relief: where, when, how much.",
        will="The operator that has not asked yet publishes the requests which the engine proposes from its "
        "needs, with the most it would pay.",
        look=(
            Look(account="dso", label="Needs to requests", href=f"/dso/requests?{_DAY}"),
            Look(account="esp1", label="Requests as a provider sees them", href="/supply?region={region}"),
        ),
    ),
    N.OFFERS: Words(
        title="Offers",
        line="Providers offer what they can change. Nobody sees a rival's offer.",
        will="The grid operators confirm the assets that wait for it. Their aggregator offers from them, beside "
        "the offers that are in the book already.",
        look=(
            Look(account="fmo", label="The whole book", href="/fmo/session?id={session}&tab=book"),
            Look(
                account="agg1", label="The aggregator's own offers, and no others", href="/supply?region={region}"
            ),
        ),
    ),
    N.CLEARING: Words(
        title="Clearing",
        line="The gate closes. The market finds the cheapest cure that physics allows.",
        will="The clock moves on to the gate. Each session is cleared on the AC model of its grid, and a separate "
        "power flow proves the result.",
        look=(
            Look(account="fmo", label="Result and proof", href="/fmo/session?id={session}&tab=result"),
            Look(account="fmo", label="Grid before and after", href="/fmo/session?id={session}&tab=grid"),
        ),
    ),
    N.ACTIVATION: Words(
        title="Activation",
        line="Results are published. Providers are called, and answer.",
        will="The clock moves on to publication. Every provider acknowledges what it is called to deliver.",
        look=(
            Look(account="esp1", label="Awards, calls and what is paid", href="/supply?region={region}"),
            Look(account="dso", label="The grid with the awards", href=f"/dso?{_DAY}&moment=after"),
            Look(account="tso", label="Exchange before and after", href="/tso?day={day}"),
        ),
    ),
    N.SETTLEMENT: Words(
        title="Settlement",
        line="Meters tell what was delivered. The money follows, to the cent.",
        will="The clock moves on past the delivery day. Readings come in for every asset that was called; "
        "statements and invoices follow from them.",
        look=(
            Look(account="fmo", label="Validation and settlement", href="/fmo/settlement"),
            Look(account="esp1", label="Own statements and invoices", href="/settlement"),
        ),
    ),
    N.MARKET_PLACE: Words(
        title="EU Market Place",
        line="An aggregator gets its customers' meter data across Europe, and sells what it makes of them.",
        will="It finds the DSOs of its customers and subscribes to their data; customers consent, data flow. "
        "From them it makes offers of flexibility, which a DSO, a TSO and a retailer acquire and activate; "
        "some it offers in a DSO's local market.",
        look=(
            Look(account="flotte-data", label="Its subscriptions", href="/platform/subscriptions"),
            Look(account="casa", label="What a customer agreed to", href="/platform/consents"),
            Look(account="flotte-services", label="Offers of flexibility", href="/platform/energy"),
            Look(account="tso-ch", label="What a TSO was told", href="/platform/notifications"),
            Look(account="dso1", label="What may be called in the local market", href="/dso/calls"),
        ),
    ),
}
_STATES: Mapping[ChapterState, str] = {
    ChapterState.PLAYING: "is playing",
    ChapterState.PLAYED: "played",
    ChapterState.STOPPED: "stopped",
}


class Guide(param.Parameterized):
    """`chapter` is the permalink: the one shown, "" for the first that is not played."""

    chapter = param.String(default="")

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self.view = GuideView(demo=False, chapters=(), sessions=())
        self.shell: ShellView | None = None

    def refresh(self) -> None:
        """Ask again for everything shown."""
        self.view = self._door.ask(GetGuide())
        self.shell = self._door.ask(GetShell())
        if self.chapter not in set(N):
            following = (row.name for row in self.view.chapters if not _played(row))
            self.chapter = next(following, N.MARKET_PLACE).value

    def play(self, name: str) -> None:
        """Begin a chapter. Raises `Refused`."""
        self._door.do(PlayChapter(chapter=N(name)))

    @property
    def row(self) -> ChapterRow:
        return next(row for row in self.view.chapters if row.name == self.chapter)


def shown(guide: Guide) -> dict[str, Any]:
    """What `ChapterStage` draws."""
    rows = guide.view.chapters
    here = guide.row
    following = rows[rows.index(here) + 1 :][:1]
    return {
        "clock": _clock(guide.shell),
        "chapters": [_line(row) for row in rows],
        "chapter": _whole(guide, here, rows.index(here) + 1),
        "next": following[0].name.value if following and _played(here) else "",
        "next_words": f"Next: {WORDS[following[0].name].title}" if following else "",
    }


def _played(row: ChapterRow) -> bool:
    return row.chapter is not None and row.chapter.state is ChapterState.PLAYED


def _clock(shell: ShellView | None) -> dict[str, Any]:
    if shell is None:
        return {"market_ms": 0, "speed": 0, "zone": MARKET_ZONE.key}
    return {
        "market_ms": shell.market_now.timestamp() * 1000.0,
        "speed": shell.clock.speed,
        "zone": MARKET_ZONE.key,
    }


def _line(row: ChapterRow) -> dict[str, Any]:
    if row.chapter is not None:
        state, words = row.chapter.state.value, _STATES[row.chapter.state]
    else:
        state, words = ("blocked", "not now") if row.blocked else ("open", "to be played")
    return {"name": row.name.value, "title": WORDS[row.name].title, "state": state, "state_words": words}


def _whole(guide: Guide, row: ChapterRow, number: int) -> dict[str, Any]:
    words, chapter = WORDS[row.name], row.chapter
    playing = next((r.name for r in guide.view.chapters if _is_playing(r)), None)
    waits = f"{WORDS[playing].title} is playing." if playing is not None and playing != row.name else ""
    return {
        **_line(row),
        "number": number,
        "line": words.line,
        "will": words.will,
        "blocked": row.blocked or waits,
        "stage": chapter.stage if chapter else "",
        "progress": chapter.progress if chapter else 0.0,
        "told": chapter.told if chapter else "",
        "look": _looks(guide.view, words) if chapter and _played(row) else [],
    }


def _is_playing(row: ChapterRow) -> bool:
    return row.chapter is not None and row.chapter.state is ChapterState.PLAYING


def _looks(view: GuideView, words: Words) -> list[dict[str, str]]:
    """Each page once: for every region where its address names one, for its operators as whom they sign in."""
    found: dict[str, dict[str, str]] = {}
    for look in words.look:
        for region, session in view.sessions:
            href = look.href.format(region=region.id, day=session.delivery_day.isoformat(), session=session.id)
            of_region = "{region}" in look.href or "{session}" in look.href
            label = f"{look.label}, {region.name.lower()}" if of_region else look.label
            found.setdefault(href, {"account": _account(look, region), "label": label, "href": href})
    return list(found.values())


def _account(look: Look, region: Region) -> str:
    return {"dso": region.dso_id, "tso": region.tso_id}.get(look.account, look.account)
