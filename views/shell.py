"""The page around every desk: app bar, market clock, countdown, navigation, keys, and the desk's content.

The shell draws a :class:`ShellModel`; pages fill it from one query. The clock and the countdown tick in
the browser from an anchor (market time, wall time, speed), so no server message is needed between changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import panel as pn
import panel_material_ui as pmu
import param
from panel.custom import JSComponent
from panel.util import edit_readonly

from views import signin, theme
from views.files import version

PRODUCT = "FlexDesk"
_ASSETS = Path(__file__).resolve().parent.parent / "assets"


# The page is drawn in a shadow root, where assets/css/desk.css does not reach.
_PAGE_SX = {
    "& .main": {"backgroundColor": "background.default"},
    "& .main .MuiToolbar-root": {"minHeight": "48px !important", "margin": "0 !important"},
    "& .main-content": {"padding": "8px", "boxSizing": "border-box"},
    "& [id^=reconnect-notification]": {"display": "none"},  # ours says since when the data are old
    "& .title": {"fontSize": "18px !important", "fontWeight": "700 !important"},
}


class _Idle(param.Parameterized):
    busy = param.Boolean(default=False)


class Themed(Protocol):
    """A figure's handle, or a widget, that can change its colours in place."""

    def restyle(self, name: theme.ThemeName) -> None: ...


@dataclass(frozen=True)
class NavItem:
    """A link of the role's navigation: label and path."""

    label: str
    path: str


NOTIFICATIONS = NavItem("Notifications", "/notifications")
ACCOUNT = NavItem("Account and API keys", "/account")


@dataclass(frozen=True, kw_only=True)
class ClockModel:
    """The market clock: at wall time `anchor_wall` it showed `anchor_market` and runs `speed` times as
    fast (1 real time, 0 paused). Both with offset. `zone` is the market's, e.g. "Europe/Berlin"."""

    anchor_market: datetime
    anchor_wall: datetime
    speed: float = 1.0
    zone: str = "Europe/Berlin"

    def now(self, wall: datetime | None = None) -> datetime:
        """Market time at a wall time (default: now)."""
        wall = wall or datetime.now(UTC)
        return self.anchor_market + (wall - self.anchor_wall) * self.speed


@dataclass(frozen=True, kw_only=True)
class GateModel:
    """The next gate: what happens and when, in market time with offset."""

    label: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class AlarmsModel:
    """How many alarms ask for an answer, and the page that lists them."""

    count: int
    path: str


@dataclass(frozen=True, kw_only=True)
class JobLine:
    """A job in the tray: when it was begun in words, its state's word, stage, and progress from 0 to 1.

    ends : it has not ended yet, so that it has a bar and can be cancelled
    """

    id: str
    title: str
    at: str
    state: str
    stage: str
    progress: float
    ends: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """A line of the search: what kind of thing, its name, what tells it from others, and its page."""

    kind: str
    label: str
    note: str
    href: str


@dataclass(frozen=True, kw_only=True)
class ShellModel:
    """What the shell shows.

    party : the company's name; role : its role in words; account : the sign-in name
    nav : the role's pages; here : the path of this one
    gate : the next gate or None; unread : number of unread notifications
    alarms : how many alarms ask for an answer and where they are listed, or None for roles without
    jobs : own long work, newest first, or None for roles without
    """

    party: str
    role: str
    account: str
    nav: Sequence[NavItem]
    here: str
    clock: ClockModel
    gate: GateModel | None = None
    unread: int = 0
    alarms: AlarmsModel | None = None
    jobs: Sequence[JobLine] | None = None


@dataclass(frozen=True)
class Key:
    """A line of the key help, e.g. Key("← →", "One quarter hour back or on")."""

    keys: str
    does: str


COMMON_KEYS = (
    Key("← →", "One quarter hour back or on"),
    Key("Shift ← →", "One hour back or on"),
    Key("/", "Search for elements, parties, requests, offers, sessions and pages"),
    Key("?", "This list"),
    Key("Esc", "Close"),
)


class DeskBar(JSComponent):
    """The app bar's content. `frame` is what never changes, `bar` what does; `opened` counts clicks on the bell;
    `asked` is the text searched for, `found` the answer to it; `cancelled` is the job whose cancel was pressed."""

    frame = param.Dict(default={})
    bar = param.Dict(default={})
    opened = param.Integer(default=0)
    asked = param.String(default="")
    found = param.Dict(default={"text": "", "hits": []})
    cancelled = param.String(default="")
    dark = param.Boolean(default=False)
    fresh = param.Integer(default=0, doc="Counts arrivals of data; the browser shows their age.")

    _esm = "\n".join(
        (_ASSETS / "js" / f"{name}.js").read_text(encoding="utf-8")
        for name in ("bar_parts", "bar_nav", "bar_search", "bar_tray", "deskbar")
    )
    _stylesheets = (str((_ASSETS / "css" / "deskbar.css").read_text(encoding="utf-8")),)


class Shell:
    """A desk's page. Return `shell.page` from the page factory; `keep` the desk's object by it.

    main : Panel objects, laid out top to bottom, filling the width
    keys : further keys of this page, shown by `?`
    on_notifications : called when the bell is clicked
    on_search : called with the text searched for; answer with `show_found`
    on_cancel : called with the id of the job to cancel
    themed : handles of figures to recolour when the theme is switched
    """

    def __init__(
        self,
        model: ShellModel,
        main: Sequence[Any],
        *,
        title: str,
        keys: Sequence[Key] = (),
        on_notifications: Callable[[], None] | None = None,
        on_search: Callable[[str], None] | None = None,
        on_cancel: Callable[[str], None] | None = None,
        themed: Sequence[Themed] = (),
    ) -> None:
        self._keys = [*keys, *COMMON_KEYS]
        self._themed = list(themed)
        self._on_notifications = on_notifications
        self._on_search, self._on_cancel = on_search, on_cancel
        dark = signin.current_theme() == "dark"
        self.bar = DeskBar(
            frame=self._frame(model), bar=_bar(model), dark=dark, sizing_mode="stretch_width", margin=0
        )
        self.page = pmu.Page(
            title=PRODUCT,
            main=list(main),
            header=[self.bar],
            dark_theme=dark,
            theme_toggle=True,
            theme_config=theme.theme_config(),
            busy_indicator=None,
            sidebar_variant="temporary",  # none is shown; "auto" would still shift the content
            favicon=_ASSETS / "icons" / "flexdesk.svg",
            meta_title=f"{title} - {PRODUCT}",
            sx=_PAGE_SX,
            template=_ASSETS / "pages" / "desk.html",
        )
        with edit_readonly(self.page):
            # Linked to the server's state, every page would hear of every other's work, and none would be let go.
            self.page.busy = _Idle().param.busy
        if pn.state.curdoc is not None:
            # The browser loads the components while the page is being built.
            components = pmu.Button._render_esm(compiled=True, server=True)
            pn.state.curdoc.template_variables.update(components=components, version=version())
        self._kept: list[Any] = [self]
        self.page._kept = self._kept  # the page lives as long as its document
        self.page.param.watch(self._on_theme, "dark_theme")
        self.bar.param.watch(self._on_bell, "opened")
        self.bar.param.watch(self._on_asked, "asked")
        self.bar.param.watch(self._on_cancelled, "cancelled")
        self._restyle()

    @property
    def theme(self) -> theme.ThemeName:
        """The theme shown now."""
        return "dark" if self.page.dark_theme else "light"

    def keep(self, *objects: Any) -> None:
        """Keep these alive as long as the page's document (`live.Hub` holds its listeners weakly)."""
        self._kept.extend(objects)

    def update(self, model: ShellModel) -> None:
        """Show a new model and stamp the data as fresh."""
        self.bar.param.update(bar=_bar(model), fresh=self.bar.fresh + 1)

    def stamp(self) -> None:
        """The page's data has just arrived: its age starts anew."""
        self.bar.fresh += 1

    def show_found(self, text: str, found: Sequence[Found]) -> None:
        """What was found for a text; the browser drops it when another was typed meanwhile."""
        self.bar.found = {"text": text, "hits": [asdict(line) for line in found]}

    def notify(self, text: str, kind: str = "info", duration_ms: int = 6000) -> None:
        """A passing note (`info`, `success`, `warning`, `error`); shown as text, never as markup."""
        if pn.state.notifications is not None:
            pn.state.notifications.send(text, type=kind, duration=duration_ms)

    def _frame(self, model: ShellModel) -> dict[str, Any]:
        return {
            "party": model.party,
            "role": model.role,
            "account": model.account,
            "nav": [asdict(item) for item in model.nav],
            "pages": [asdict(item) for item in (*model.nav, NOTIFICATIONS, ACCOUNT)],
            "here": model.here,
            "zone": model.clock.zone,
            "keys": [{"keys": key.keys, "does": key.does} for key in self._keys],
        }

    def _on_theme(self, _event: Any) -> None:
        self.bar.dark = self.page.dark_theme
        self._restyle()

    def _restyle(self) -> None:
        for handle in self._themed:
            handle.restyle(self.theme)

    def _on_asked(self, event: Any) -> None:
        if self._on_search is not None and event.new:
            self._on_search(event.new)

    def _on_cancelled(self, event: Any) -> None:
        if self._on_cancel is not None and event.new:
            self.bar.cancelled = ""
            self._on_cancel(event.new)

    def _on_bell(self, _event: Any) -> None:
        if self._on_notifications is not None:
            self._on_notifications()


def _ms(instant: datetime) -> float:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return instant.timestamp() * 1000.0


def _bar(model: ShellModel) -> dict[str, Any]:
    clock = model.clock
    return {
        "alarms": None if model.alarms is None else asdict(model.alarms),
        "jobs": None if model.jobs is None else [asdict(job) for job in model.jobs],
        "market_ms": _ms(clock.now()),
        "speed": clock.speed,
        "gate": None if model.gate is None else {"label": model.gate.label, "due_ms": _ms(model.gate.due_at)},
        "unread": model.unread,
    }
