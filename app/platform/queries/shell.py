"""What surrounds a platform's pages."""

from __future__ import annotations

from app.queries import models as q
from domain.notifications import Notification
from domain.parties import Party, Principal
from domain.ports import UnitOfWork


def get_shell(uow: UnitOfWork, principal: Principal, _query: q.GetShell) -> q.ShellView:
    """The frame's facts. A platform has no sessions and thus no gates; its pages are the same in a demo."""
    return q.ShellView(
        principal=principal,
        party=uow.get(Party, principal.party_id),
        clock=uow.clock(),
        market_now=uow.market,
        next_gate=None,
        next_gate_region=None,
        n_unread=uow.count_by(Notification, "read", party_id=principal.party_id, read=False).get(False, 0),
        demo=False,
    )
