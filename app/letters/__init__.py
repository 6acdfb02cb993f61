"""Who is told of an event, and in which sentence. One row per event; some events are told to nobody.

The book is sealed: before the gate nobody but the market operator learns of an offer (its owner knows).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.letters import grids, sessions, trade
from app.letters.names import Letter
from domain import events as e
from domain.ports import UnitOfWork

__all__ = ["LETTERS", "Letter"]

Write = Callable[[UnitOfWork, Any], Iterable[Letter]]


def _nobody(_uow: UnitOfWork, _event: e.Event) -> Iterable[Letter]:
    return ()


LETTERS: Mapping[type[e.Event], Write] = {
    e.NetworkUploaded: grids.network,
    e.SchedulesUploaded: _nobody,
    e.SchedulesDropped: grids.dropped,
    e.GridStateComputed: grids.state,
    e.PricesUploaded: grids.prices,
    e.AssetRegistered: grids.registered,
    e.AssetConfirmed: grids.confirmed,
    e.AssetRefused: grids.refused,
    e.BaselineUploaded: grids.baseline,
    e.SessionPlanned: sessions.planned,
    e.ClearingRulesSet: sessions.rules_set,
    e.SessionOpened: sessions.opened,
    e.SessionStatusReported: sessions.status,
    e.GateClosed: sessions.closed,
    e.SessionCleared: sessions.cleared,
    e.ClearingFailed: sessions.failed,
    e.ClearingRestarted: sessions.restarted,
    e.PublicationMissed: sessions.missed,
    e.SessionPublished: sessions.published,
    e.OfferResultPublished: sessions.result,
    e.RequestPublished: trade.requested,
    e.RequestWithdrawn: trade.request_withdrawn,
    e.OfferSubmitted: trade.offered,
    e.OfferWithdrawn: trade.offer_withdrawn,
    e.GatePassed: _nobody,
    e.JobChanged: grids.job,
    e.ActivationAcknowledged: trade.acknowledged,
    e.ActivationRefused: trade.activation_refused,
    e.ClockMoved: _nobody,
    e.NotificationsRead: _nobody,
    e.Notified: _nobody,
}
