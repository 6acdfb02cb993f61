"""Sends the composed offer: says what it is, asks, and sends it once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.commands import PlaceOffers, SubmitOffer
from domain.errors import Refused
from domain.time import DeliveryDay
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.state.supply_composer import Composition
from views.state.supply_words import summary
from views.widgets import ConfirmDialog


class Sender:
    """`on_sent()` after it is in the book, `on_refused(refused)` when it was not taken."""

    def __init__(
        self, context: PageContext, on_sent: Callable[[], None], on_refused: Callable[[Refused], None]
    ) -> None:
        self._context, self._on_sent, self._on_refused = context, on_sent, on_refused
        self._sent: SubmitOffer | PlaceOffers | None = None
        self.dialog = ConfirmDialog()

    def forget(self) -> None:
        """Another offer is shown, also when it is the one that was sent before."""
        self._sent = None

    def has_sent(self, command: SubmitOffer | PlaceOffers) -> bool:
        return command == self._sent

    def ask(self, composition: Composition, asset_names: Sequence[str], day: DeliveryDay | None) -> None:
        """Say what would be sent and ask."""
        command = composition.command()
        if self.has_sent(command):
            return
        title = "Replace the offer?" if composition.replaces else "Submit this offer?"
        words = summary(composition, list(asset_names), day)
        self.dialog.ask(title, words, "Send offer", in_turn(lambda: self._send(command)))

    def _send(self, command: SubmitOffer | PlaceOffers) -> None:
        """The same offer is not sent again, however often the button is pressed."""
        if self.has_sent(command):
            return
        try:
            self._context.desk.do(command)
        except Refused as refused:
            self._on_refused(refused)
            return
        self._sent = command
        self._context.notify("The offer is in the book. You find it on the portfolio page.", "success")
        self._on_sent()
