"""The guided demo: a market day told in chapters, each played once on the live market."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.flexibility.market import MarketSession
from domain.lifecycle import SessionState


class ChapterName(StrEnum):
    """The chapters in their order."""

    NEEDS = "needs"
    REQUESTS = "requests"
    OFFERS = "offers"
    CLEARING = "clearing"
    ACTIVATION = "activation"
    SETTLEMENT = "settlement"
    MARKET_PLACE = "market_place"


class ChapterState(StrEnum):
    PLAYING = "playing"
    PLAYED = "played"
    STOPPED = "stopped"


CHAPTER: Mapping[tuple[ChapterState, str], ChapterState] = {
    (ChapterState.PLAYING, "finish"): ChapterState.PLAYED,
    (ChapterState.PLAYING, "stop"): ChapterState.STOPPED,
    (ChapterState.STOPPED, "play"): ChapterState.PLAYING,
}


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A chapter that is or was played; `id` is its name.

    `stage` and `progress` (0 to 1) while it plays; `told` says in sentences what it changed, or why it stopped.
    """

    id: str
    state: ChapterState = ChapterState.PLAYING
    stage: str = ""
    progress: float = 0.0
    told: str = ""
    version: int = 0


_OPEN = frozenset({SessionState.PLANNED, SessionState.OPEN})
_BEFORE_RESULT = _OPEN | {SessionState.CLEARING}
_PAST_GATE = "The gates have closed. To tell the day from its start, load the demo anew: launch.py demo reset"
_NEEDED: Mapping[ChapterName, tuple[frozenset[SessionState], str]] = {
    ChapterName.NEEDS: (_OPEN, _PAST_GATE),
    ChapterName.REQUESTS: (_OPEN, _PAST_GATE),
    ChapterName.OFFERS: (_OPEN, _PAST_GATE),
    ChapterName.CLEARING: (_BEFORE_RESULT, "The sessions are cleared already."),
    ChapterName.ACTIVATION: (
        frozenset({SessionState.CLEARED, SessionState.PUBLISHED}),
        "There is no result yet: play the clearing first.",
    ),
    ChapterName.SETTLEMENT: (
        frozenset({SessionState.PUBLISHED}),
        "No result is published: play the activation first.",
    ),
    ChapterName.MARKET_PLACE: (frozenset(SessionState), ""),
}


def blocked(name: ChapterName, sessions: Collection[MarketSession]) -> str:
    """Why a chapter cannot be played now, "" when it can: some session of the day has to be in a state for it."""
    states, sentence = _NEEDED[name]
    if not sessions:
        return "No market session is planned."
    return "" if any(session.state in states for session in sessions) else sentence


def told_day(sessions: Iterable[MarketSession]) -> tuple[MarketSession, ...]:
    """The sessions of the day that is told: the first one of all, by region."""
    known = sorted(sessions, key=lambda session: (session.delivery_day, session.region_id, session.id))
    return tuple(session for session in known if session.delivery_day == known[0].delivery_day)
