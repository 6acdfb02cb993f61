"""Has an offer checked and then cleared dry, and says both: beside the fields and as the verdict."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from app.queries.models import OfferCheck, OfferTrial
from domain.errors import Finding, Refused
from views.pages.later import Later
from views.pages.supply_compose_terms import Terms
from views.pages.supply_compose_verdict import Verdict
from views.state.door import Door
from views.state.supply_composer import Composition
from views.state.supply_desk import attempt, check

SENT = "This offer has been sent. Change it to send another."
QUIET = "Give quantity and price; the market checks as you go."
_WAITING = ThreadPoolExecutor(max_workers=24, thread_name_prefix="composer")
"""Where pages wait for dry clearings: each page waits for one at a time."""
_PAGE = itertools.count(1)


class Judge:
    """`on_tried(trial, composition)`: what a dry clearing has said of the offer that is still the one shown."""

    def __init__(
        self, desk: Door, terms: Terms, verdict: Verdict, on_tried: Callable[[OfferTrial, Composition], None]
    ) -> None:
        self._desk, self._terms, self._verdict, self._on_tried = desk, terms, verdict, on_tried
        self._check: Later[OfferCheck | Refused] = Later()
        self._try: Later[OfferTrial | Refused] = Later(150, _WAITING)
        self._asker = f"page {next(_PAGE)}"
        self._asked = False

    @property
    def has_asked(self) -> bool:
        """Whether the offer shown would be taken, and its dry clearing is done or under way."""
        return self._asked and not self._verdict.submit.disabled

    def cancel(self) -> None:
        """Take the questions under way back."""
        self._check.cancel()
        self._try.cancel()
        self._asked = False

    def ask(self, composition: Composition) -> None:
        """Have it checked, and where the market would take it, ask what it would bring."""
        offers = composition.offers()
        self._check.soon(
            lambda: check(self._desk, offers, composition.replaces),
            lambda answer: self._on_checked(answer, composition),
        )

    def drawing(self) -> None:
        """The offer is between two states."""
        self.cancel()
        self._verdict.submit.disabled = True
        self._verdict.say("✎ Drawing …", "muted")

    def stop(self) -> None:
        self.cancel()
        self._terms.stop("No session is open for offers.")
        self._verdict.say("▲ No session is open for offers.")
        self._verdict.submit.disabled = True

    def sent(self) -> None:
        """The offer shown is in the book already."""
        self._verdict.submit.disabled = True
        self._verdict.say(SENT, "muted")

    def say(self, findings: list[Finding], quiet: bool = False) -> None:
        """Findings beside the fields; `quiet` while nothing has been entered yet."""
        self.cancel()
        self._verdict.submit.disabled = True
        self._terms.show([] if quiet else findings)
        words = QUIET if quiet else f"▲ {len(findings)} to mend before it can be sent."
        self._verdict.say(words, "muted" if quiet else "body")

    def _on_checked(self, answer: OfferCheck | Refused, composition: Composition) -> None:
        found = list(answer.findings) if isinstance(answer, Refused) else _findings(answer.findings)
        if found:
            self.say(found)
            return
        self._terms.show([])
        self._verdict.submit.disabled = False
        self._verdict.wait()
        self._asked = True
        offers = composition.offers()
        self._try.soon(
            lambda: attempt(self._desk, offers, composition.replaces, self._asker),
            lambda trial: self._on_answered(trial, composition),
        )

    def _on_answered(self, trial: OfferTrial | Refused, composition: Composition) -> None:
        if isinstance(trial, Refused):
            trial = OfferTrial(reason=" ".join(finding.sentence for finding in trial.findings))
        if trial.findings:
            self.say(_findings(trial.findings))
            return
        self._verdict.show(trial, composition.commodity, max(composition.used_prices))
        self._on_tried(trial, composition)


def _findings(found: tuple[tuple[str, str, str], ...]) -> list[Finding]:
    return [Finding(code=code, field=field, sentence=said) for code, field, said in found]
