"""Notifications as a list: a mark for unread, the sentence, market time with UTC on hover, a link of our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from domain.notifications import Notification
from views.state.common import local, utc
from views.widgets.markup import tag

_OWN_LINK = re.compile(r"/[a-z0-9/-]+(\?[A-Za-z0-9=&._-]*)?")


def notes_markup(notes: Sequence[Notification], empty: str) -> str:
    """An escaped list, in the order given; `empty` is said when there is none."""
    if not notes:
        return tag("p", escape(empty), class_="text muted")
    return tag("ul", "".join(_line(note) for note in notes), class_="notes")


def _line(note: Notification) -> str:
    mark = tag("span", "" if note.read else "●", class_="mark", title="" if note.read else "unread")
    at = tag("time", escape(local(note.market_at)), title=utc(note.market_at))
    words = tag("span", escape(note.sentence), class_="words")
    link = tag("a", "Open", href=note.link) if _OWN_LINK.fullmatch(note.link) else ""
    return tag("li", mark + at + words + link, class_="read" if note.read else "unread")
