"""Dry clearings in a worker process of their own, so that neither a page nor the queue of jobs waits for them.

One question is solved at a time. Who asks anew takes its older question back; the others wait in line. Nothing
here reads the database: the desk hands over what its query has prepared.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from multiprocessing.connection import Connection
from typing import Protocol

from app.bridge.trials import facts_from
from app.queries.models import OfferTrial, Trial, TriedLine, TriedOffer
from app.worker import Message, Outcome, Worker, answer_all
from domain.flexibility.explanation import sentence
from domain.flexibility.market import Award
from domain.parties import Principal
from domain.time import DeliveryDay

LIMIT_S = 20.0
HOPELESS_S = 120.0
MOST_WAITING = 24
POLL_S = 0.05
TOO_LONG = "The dry clearing took too long and was given up. The offer can be sent all the same."
BUSY = "Too many dry clearings are asked for at the moment. Change the offer to ask again, or send it as it is."
REPLACED = "A later question from here has taken the place of this one."


class Solver(Protocol):
    """What is needed of a worker process."""

    def start(self) -> None: ...
    def send(self, kind: str, inputs: bytes) -> None: ...
    def receive(self, timeout_s: float) -> Message | None: ...
    def kill(self) -> None: ...


def serve_trials(pipe: Connection) -> None:
    """The worker's main."""
    from app.bridge.trials import TrialBench

    bench = TrialBench()
    answer_all(pipe, lambda _kind, inputs, _progress: bench.run(inputs))


class Trials:
    """The service behind `TryOffers`; safe for use from several threads."""

    def __init__(self, worker: Solver | None = None, limit_s: float = LIMIT_S) -> None:
        self._worker: Solver = worker or Worker(serve_trials)
        self._limit_s = limit_s
        self._turn = threading.Condition()
        self._line: OrderedDict[str, object] = OrderedDict()
        self._solving = False
        self._since: float | None = None

    def start(self) -> None:
        """Warm the worker."""
        with self._turn:
            self._worker.start()

    def stop(self) -> None:
        """End the worker; a question under way is answered as failed."""
        self._worker.kill()

    def answer(self, principal: Principal, prepared: Trial | OfferTrial) -> OfferTrial:
        """Solve what the query prepared. Never raises for what a market cannot answer: the reason tells."""
        if isinstance(prepared, OfferTrial):
            return prepared
        outcome = self._ask(f"{principal.account} {prepared.asker}", prepared.inputs)
        if not outcome.succeeded:
            return OfferTrial(reason=outcome.error)
        facts = facts_from(outcome.result, prepared.session, prepared.tried)
        if facts.reason:
            return OfferTrial(reason=facts.reason)
        awards = iter(facts.awards)
        day = DeliveryDay(day=prepared.session.delivery_day)
        return OfferTrial(
            revenue_eur=facts.revenue_eur,
            offers=tuple(
                TriedOffer(
                    lines=tuple(_line_of(next(awards)) for _ in offer.lines),
                    why=tuple((entry, sentence(entry, day, offer.commodity)) for entry in why),
                )
                for offer, why in zip(prepared.tried, facts.explanations, strict=True)
            ),
        )

    def _ask(self, asker: str, inputs: bytes) -> Outcome:
        mine, until = object(), time.monotonic() + self._limit_s
        with self._turn:
            if asker not in self._line and len(self._line) >= MOST_WAITING:
                return _failed(BUSY)
            self._line[asker] = mine
            self._turn.notify_all()
            while self._line.get(asker) is mine and (self._solving or next(iter(self._line)) != asker):
                if not self._turn.wait(until - time.monotonic()):
                    break
            if self._line.get(asker) is not mine:
                return _failed(REPLACED)
            if self._solving or next(iter(self._line)) != asker:
                del self._line[asker]
                return _failed(TOO_LONG)
            self._solving = True
            del self._line[asker]
        try:
            return self._solve(inputs, until)
        finally:
            with self._turn:
                self._solving = False
                self._turn.notify_all()

    def _solve(self, inputs: bytes, until: float) -> Outcome:
        """The worker's outcome; one that does not come in time is let be, so that the next finds its optimum."""
        try:
            if not self._caught_up(until):
                return _failed(TOO_LONG)
            self._since = time.monotonic()
            self._worker.send("trial", inputs)
            outcome = self._outcome(until)
        except OSError:
            self._begin_anew()
            return _failed("The dry clearing could not be asked for; change the offer to try again.")
        return outcome or _failed(TOO_LONG)

    def _caught_up(self, until: float) -> bool:
        """Whether the worker is done with a question that was given up; one that never ends costs its process."""
        if self._since is None or self._outcome(until) is not None:
            return True
        if time.monotonic() - self._since > HOPELESS_S:
            self._begin_anew()
        return False

    def _outcome(self, until: float) -> Outcome | None:
        while time.monotonic() < until:
            message = self._worker.receive(POLL_S)
            if isinstance(message, Outcome):
                self._since = None
                return message
        return None

    def _begin_anew(self) -> None:
        self._worker.kill()
        self._worker.start()
        self._since = None


def _line_of(award: Award) -> TriedLine:
    return TriedLine(
        asset_id=award.asset_id,
        accepted_mw=award.accepted_mw,
        price_eur_per_mwh=award.price_eur_per_mwh,
        make_whole_eur=award.make_whole_eur,
    )


def _failed(reason: str) -> Outcome:
    return Outcome(succeeded=False, error=reason)
