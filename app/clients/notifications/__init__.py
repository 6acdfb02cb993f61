"""A client of the EU-MP notifications API for platforms that are not FlexDesk's. Needs httpx, nothing of FlexDesk.

    notifier = Notifier("outbox.db", "https://market.example", key)
    notifier.consent("SUB-1", {"consent_id": "CO-7", "state": "given", "at": "2026-11-22T09:00:00Z"})
    notifier.deliver()                      # again and again, by a timer: sends what is due until it is answered

What is told is in the file before a method returns; it is sent at least once, in the order of its subscription,
and done once by its message id. See docs/messages.md.
"""

from app.clients.notifications.outbox import DeadLetter, Notifier

__all__ = ["DeadLetter", "Notifier"]
