"""Plays the guided demo's chapters: hears that one was begun, acts as its participants, and reports.

The desk is the only way in: every step is a command of the participant whose turn it is, audited as that
participant's own. What is done already is left as it is, so a chapter that was broken off is simply played again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from app.demo.chapters import CHAPTERS
from app.demo.place_scene import Players
from app.demo.stage import Desk, Stage, StoppedError
from app.woken import WokenThread
from domain.commands import EndChapter
from domain.errors import Refused
from domain.events import ChapterChanged, Event
from domain.guide import Chapter, ChapterName, ChapterState
from domain.parties import SYSTEM
from domain.ports import ReadOnly

log = logging.getLogger(__name__)

FAULT = "A fault of the program stopped this chapter; the server's log says more."


class Conductor:
    """One thread that plays what was begun. `on_events` is for the bus.

    pause : what a chapter does between two looks at the market, so many seconds; True when the server stops
    players : of the EU Market Place, whose platforms run here
    """

    def __init__(
        self,
        desk: Desk,
        read: ReadOnly,
        pause: Callable[[float], bool] | None = None,
        players: Players | None = None,
    ) -> None:
        self._desk, self._read, self._players = desk, read, players
        self._thread = WokenThread("flexdesk-conductor", self._turn)
        self._pause = pause or self._thread.stopping.wait

    def start(self) -> None:
        """Begin, with what a stop has broken off."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step that runs; the chapter is taken up by the next start."""
        self._thread.stop()

    def on_events(self, events: Sequence[Event]) -> None:
        """For the bus: a chapter that was begun wakes the conductor."""
        if any(isinstance(e, ChapterChanged) and e.state == ChapterState.PLAYING.value for e in events):
            self._thread.wake()

    def play_begun(self) -> int:
        """Play what was begun, here; how many chapters that were."""
        with self._read() as uow:
            begun = uow.find(Chapter, state=ChapterState.PLAYING)
        for chapter in begun:
            self._play(ChapterName(chapter.id))
        return len(begun)

    def _turn(self) -> None:
        try:
            self.play_begun()
        except StoppedError:
            return
        except Exception:
            log.exception("the conductor stumbled; it goes on with the next chapter that is begun")

    def _play(self, name: ChapterName) -> None:
        stage = Stage(desk=self._desk, read=self._read, chapter=name, pause=self._pause, players=self._players)
        try:
            told, played = CHAPTERS[name](stage), True
        except Refused as refused:
            told, played = " ".join(finding.sentence for finding in refused.findings), False
        except StoppedError:
            raise
        except Exception:
            log.exception("the chapter %s failed", name.value)
            told, played = FAULT, False
        self._desk.execute(SYSTEM, EndChapter(chapter=name, played=played, told=told))
