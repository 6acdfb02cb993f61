"""The head of a page's HTML, sent before the page is built: the browser runs its scripts while the server works.

A page's head is the same each time but for its nonce, so it is learned when the page is first written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_END = "</head>"
_NONCE = "{nonce}"
_AGAIN = '<script nonce="{nonce}">location.reload()</script>'


@dataclass
class Heads:
    """What the pages' HTML begins with, by key: whatever tells heads apart, such as path and theme."""

    _known: dict[object, str] = field(default_factory=dict)

    def early(self, key: object, nonce: str) -> str:
        """What can be sent before the page is built; "" while nothing is known of it."""
        return self._known.get(key, "").replace(_NONCE, nonce)

    def rest(self, key: object, nonce: str, html: str, sent: str) -> str:
        """What remains to be sent of a whole page of which `sent` has gone out.

        If the page begins differently this time, the browser asks anew, and this head is never sent early again.
        """
        head = html[: html.find(_END) + len(_END)] if _END in html else ""
        if not sent:
            self._known.setdefault(key, head.replace(nonce, _NONCE))
            return html
        if html.startswith(sent):
            return html[len(sent) :]
        self._known[key] = ""
        return _AGAIN.replace(_NONCE, nonce)
