"""Integration set-up tests that were asked for: done beside all else, their outcome recorded by a command."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor

from app.transport.probing import Probed, probe
from domain.commands import Command
from domain.commands.place import RecordIntegrationTest
from domain.errors import Refused
from domain.events import Event
from domain.events.place import IntegrationTestAsked
from domain.ids import PartyId
from domain.marketplace.registrations import Registration
from domain.ports import ReadOnly
from domain.transport import Correspondent

AT_ONCE = 4
Probe = Callable[..., Probed]

_log = logging.getLogger(__name__)


class SetUpTests:
    """Listens to the bus. A test that a stopped server left undone is asked for again."""

    def __init__(
        self,
        execute: Callable[[Command], object],
        read: ReadOnly,
        *,
        local: bool,
        ask: Probe = probe,
        pool: Executor | None = None,
    ) -> None:
        self._execute, self._read, self._local, self._ask = execute, read, local, ask
        self._pool = pool or ThreadPoolExecutor(AT_ONCE, thread_name_prefix="set-up-test")

    def on_events(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, IntegrationTestAsked):
                self._pool.submit(self._test, event.registration_id)

    def stop(self) -> None:
        """Tests that have not begun are dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _test(self, registration_id: PartyId) -> None:
        try:
            platform_url, probed = self._probed(registration_id)
            command = RecordIntegrationTest(
                registration_id=registration_id,
                platform_url=platform_url,
                passed=probed.passed,
                detail=probed.sentence,
            )
            self._execute(command)
        except Refused as refused:
            _log.info("integration test of %s not recorded: %s", registration_id, refused)
        except Exception:
            _log.exception("integration test of %s failed", registration_id)

    def _probed(self, registration_id: PartyId) -> tuple[str, Probed]:
        """The registration's address when it was called, and what came of it."""
        with self._read() as uow:
            platform_url = uow.get(Registration, registration_id).platform_url
            found = uow.find(Correspondent, id=registration_id)
            if not found or not found[0].sealed_key:
                sentence = "The market place has no key of the platform yet."
                return platform_url, Probed(passed=False, sentence=sentence)
            url, key = found[0].url, uow.vault.open(found[0].sealed_key, registration_id)
        return platform_url, self._ask(url, key, local=self._local)
