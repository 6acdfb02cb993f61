"""Who is told of an event, and in which sentence. One row per event; some events are told to nobody.

The book is sealed: before the gate nobody but the market operator learns of an offer (its owner knows).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.letters import (
    grids,
    negotiation,
    operation,
    parties,
    place,
    platform,
    sessions,
    settlement,
    trade,
    transport,
    zones,
)
from app.letters.names import Letter
from domain import events as e
from domain.ports import UnitOfWork

__all__ = ["LETTERS", "Letter"]

Write = Callable[[UnitOfWork, Any], Iterable[Letter]]


def _nobody(_uow: UnitOfWork, _event: e.Event) -> Iterable[Letter]:
    return ()


LETTERS: Mapping[type[e.Event], Write] = {
    **place.LETTERS,
    **platform.LETTERS,
    e.NetworkUploaded: grids.network,
    e.SchedulesUploaded: _nobody,
    e.SchedulesDropped: grids.dropped,
    e.GridStateComputed: grids.state,
    e.PricesUploaded: grids.prices,
    e.AssetRegistered: grids.registered,
    e.AssetConfirmed: grids.confirmed,
    e.AssetConfirmedConditionally: zones.conditionally,
    e.AssetRefused: grids.refused,
    e.ZonesChanged: _nobody,
    e.CongestedRegionRegistered: zones.registered,
    e.CongestedRegionClosed: zones.closed,
    e.RequestReviewed: zones.reviewed,
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
    e.OfferOpenToCall: negotiation.open_to_call,
    e.FlexibilityDeclined: negotiation.declined,
    e.OfferCalled: negotiation.called,
    e.CallWithdrawn: negotiation.call_withdrawn,
    e.AnswerTakenBack: negotiation.answer_taken_back,
    e.CallTimeEnded: negotiation.time_ended,
    e.BookMatched: _nobody,
    e.TradesMade: trade.traded,
    e.GatePassed: _nobody,
    e.JobChanged: grids.job,
    e.ActivationAcknowledged: trade.acknowledged,
    e.ActivationRefused: trade.activation_refused,
    e.ToolkitFailed: operation.toolkit_failed,
    e.ToolkitAssigned: operation.toolkit_assigned,
    e.ChapterChanged: _nobody,
    e.AlarmsFollowed: _nobody,
    e.AlarmAcknowledged: _nobody,
    e.AlarmShelved: _nobody,
    e.AlarmUnshelved: _nobody,
    e.PodMapped: settlement.mapped,
    e.MeteringReported: settlement.reported,
    e.ForecastUploaded: _nobody,
    e.ContractAgreed: settlement.agreed,
    e.SessionSettled: settlement.settled,
    e.StatementsValidated: _nobody,
    e.StatementIssued: settlement.issued,
    e.ClockMoved: _nobody,
    e.ApplicationReceived: parties.received,
    e.ApplicationAccepted: parties.accepted,
    e.ApplicationRefused: _nobody,
    e.RoleAssigned: parties.role,
    e.PartySuspended: parties.suspended,
    e.PartyReinstated: parties.reinstated,
    e.PasswordChanged: parties.password_changed,
    e.PasswordReset: parties.password_reset,
    e.LoginsEnded: _nobody,
    e.ApiKeyIssued: parties.key_issued,
    e.ApiKeyRevoked: parties.key_revoked,
    e.NotificationsRead: _nobody,
    e.Notified: _nobody,
    e.MessageDied: transport.died,
}
