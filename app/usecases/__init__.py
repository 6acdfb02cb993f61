"""What each command does: `(unit of work, principal, command) -> result`, one function per command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.usecases import (
    activations,
    assets,
    clearing,
    clock,
    jobs,
    networks,
    offers,
    prices,
    requests,
    sessions,
)
from domain import commands as c
from domain.parties import Principal
from domain.ports import UnitOfWork

Handler = Callable[[UnitOfWork, Principal, Any], object]

HANDLERS: Mapping[type[c.Command], Handler] = {
    c.UploadNetwork: networks.upload_network,
    c.UploadSchedules: networks.upload_schedules,
    c.UploadPrices: prices.upload_prices,
    c.RegisterAsset: assets.register_asset,
    c.ConfirmAsset: assets.confirm_asset,
    c.RefuseAsset: assets.refuse_asset,
    c.UploadBaseline: assets.upload_baseline,
    c.PlanSession: sessions.plan_session,
    c.SetClearingRules: sessions.set_rules,
    c.PublishRequest: requests.publish_request,
    c.WithdrawRequest: requests.withdraw_request,
    c.SubmitOffer: offers.submit_offer,
    c.WithdrawOffer: offers.withdraw_offer,
    c.PassGate: sessions.pass_gate,
    c.RetryClearing: clearing.retry,
    c.ApplyJob: jobs.apply,
    c.StartJob: jobs.start,
    c.ReportProgress: jobs.report,
    c.RequeueJob: jobs.requeue,
    c.CancelJob: jobs.cancel,
    c.AcknowledgeActivation: activations.acknowledge,
    c.RefuseActivation: activations.refuse_activation,
    c.MoveClock: clock.move_clock,
    c.MoveToGate: clock.move_to_gate,
    c.MarkNotificationsRead: clock.mark_read,
}
