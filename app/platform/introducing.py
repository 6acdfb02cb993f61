"""Shows the words of confirmed subscriptions to the providers' platforms, in a thread beside the scheduler's."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from typing import Any, cast

from app.transport.client import Answer, Client, Patience
from domain.commands import Command
from domain.commands.platform import BeginIntroduction, DelayIntroduction, FinishIntroduction
from domain.errors import Refused
from domain.ids import SubscriptionId
from domain.platform.peers import Introduction, Meeting
from domain.ports import ReadOnly

PATIENCE = Patience(connect=3.0, read=5.0, total=10.0)
MOST_AT_ONCE = 50

log = logging.getLogger(__name__)


class Introducer:
    """`run` begins what is due and returns at once; one round at a time. `rounds_over` waits, for tests."""

    def __init__(self, read: ReadOnly, execute: Callable[[Command], object], *, local: bool) -> None:
        self._read, self._execute, self._local = read, execute, local
        self._round: threading.Thread | None = None

    def run(self) -> int:
        """How many introductions were begun."""
        if self._round is not None and self._round.is_alive():
            return 0
        due = self._due()
        if due:
            self._round = threading.Thread(target=self._show_all, args=(due,), name="introducer", daemon=True)
            self._round.start()
        return len(due)

    def rounds_over(self) -> None:
        if self._round is not None:
            self._round.join()

    def _due(self) -> list[SubscriptionId]:
        with self._read() as uow:
            waiting = [each for each in uow.find(Meeting, met_at=None) if each.is_due(uow.wall)]
        return [each.id for each in sorted(waiting, key=lambda each: (each.next_at, each.id))[:MOST_AT_ONCE]]

    def _show_all(self, due: list[SubscriptionId]) -> None:
        asyncio.run(self._round_of(due))

    async def _round_of(self, due: list[SubscriptionId]) -> None:
        client = Client(local=self._local, patience=PATIENCE)
        try:
            await asyncio.gather(*(self._show(client, each) for each in due))
        finally:
            await client.close()

    async def _show(self, client: Client, id: SubscriptionId) -> None:
        """One introduction. Each command is short, so that it may hold up the others' calls."""
        try:
            said = cast(Introduction, self._execute(BeginIntroduction(subscription_id=id)))
            answer = await client.ask("POST", f"{said.url}/b2b/v1/introductions", {}, _body(said))
            key = _key_in(answer)
            if key is None:
                self._execute(DelayIntroduction(subscription_id=id, error=_why(answer)))
                return
            self._execute(FinishIntroduction(subscription_id=id, secret=key))
            await client.ask("GET", f"{said.url}/b2b/v1/subscriptions/{id}", {"Authorization": f"Bearer {key}"})
        except Refused as refused:
            log.debug("the introduction of %s is not made: %s", id, refused)
        except Exception:
            log.exception("the introduction of %s failed", id)


def _body(said: Introduction) -> bytes:
    return json.dumps(
        {
            "subscription_id": said.subscription_id,
            "requester_id": said.requester_id,
            "introduction": said.word,
            "key": said.key,
        }
    ).encode()


def _key_in(answer: Answer) -> str | None:
    """The key that was given; None for any other answer."""
    if answer.status != 201:
        return None
    try:
        given: Any = json.loads(answer.text)
    except (ValueError, RecursionError):
        return None
    key = given.get("key") if isinstance(given, dict) else None
    return key if isinstance(key, str) and key else None


def _why(answer: Answer) -> str:
    """What a person may be told; never the other side's text, which may be anything."""
    return f"The other side answered {answer.status}." if answer.status else answer.error
