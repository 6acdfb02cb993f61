"""Commands: frozen, keyword-only. Each has one policy row, one handler and one round-trip test."""

from __future__ import annotations

from domain.commands.assets import ConfirmAsset as ConfirmAsset
from domain.commands.assets import RefuseAsset as RefuseAsset
from domain.commands.assets import RegisterAsset as RegisterAsset
from domain.commands.assets import UploadBaseline as UploadBaseline
from domain.commands.base import Command as Command
from domain.commands.everyone import MarkNotificationsRead as MarkNotificationsRead
from domain.commands.grid import UploadNetwork as UploadNetwork
from domain.commands.grid import UploadPrices as UploadPrices
from domain.commands.grid import UploadSchedules as UploadSchedules
from domain.commands.jobs import ApplyJob as ApplyJob
from domain.commands.jobs import CancelJob as CancelJob
from domain.commands.jobs import ReportProgress as ReportProgress
from domain.commands.jobs import RequeueJob as RequeueJob
from domain.commands.jobs import StartJob as StartJob
from domain.commands.sessions import ClockAction as ClockAction
from domain.commands.sessions import MoveClock as MoveClock
from domain.commands.sessions import MoveToGate as MoveToGate
from domain.commands.sessions import PassGate as PassGate
from domain.commands.sessions import PlanSession as PlanSession
from domain.commands.sessions import RetryClearing as RetryClearing
from domain.commands.sessions import SetClearingRules as SetClearingRules
from domain.commands.trade import AcknowledgeActivation as AcknowledgeActivation
from domain.commands.trade import PublishRequest as PublishRequest
from domain.commands.trade import RefuseActivation as RefuseActivation
from domain.commands.trade import SubmitOffer as SubmitOffer
from domain.commands.trade import WithdrawOffer as WithdrawOffer
from domain.commands.trade import WithdrawRequest as WithdrawRequest
