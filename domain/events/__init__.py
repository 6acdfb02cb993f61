"""Events: frozen facts, recorded in the outbox with the change they tell of."""

from __future__ import annotations

from domain.events.assets import AssetConfirmed as AssetConfirmed
from domain.events.assets import AssetRefused as AssetRefused
from domain.events.assets import AssetRegistered as AssetRegistered
from domain.events.assets import BaselineUploaded as BaselineUploaded
from domain.events.base import Event as Event
from domain.events.everyone import NotificationsRead as NotificationsRead
from domain.events.everyone import Notified as Notified
from domain.events.grid import GridStateComputed as GridStateComputed
from domain.events.grid import NetworkUploaded as NetworkUploaded
from domain.events.grid import PricesUploaded as PricesUploaded
from domain.events.grid import SchedulesDropped as SchedulesDropped
from domain.events.grid import SchedulesUploaded as SchedulesUploaded
from domain.events.jobs import JobChanged as JobChanged
from domain.events.sessions import ClearingFailed as ClearingFailed
from domain.events.sessions import ClearingRestarted as ClearingRestarted
from domain.events.sessions import ClearingRulesSet as ClearingRulesSet
from domain.events.sessions import ClockMoved as ClockMoved
from domain.events.sessions import GateClosed as GateClosed
from domain.events.sessions import GatePassed as GatePassed
from domain.events.sessions import PublicationMissed as PublicationMissed
from domain.events.sessions import SessionCleared as SessionCleared
from domain.events.sessions import SessionOpened as SessionOpened
from domain.events.sessions import SessionPlanned as SessionPlanned
from domain.events.sessions import SessionPublished as SessionPublished
from domain.events.sessions import SessionStatusReported as SessionStatusReported
from domain.events.trade import ActivationAcknowledged as ActivationAcknowledged
from domain.events.trade import ActivationRefused as ActivationRefused
from domain.events.trade import OfferResultPublished as OfferResultPublished
from domain.events.trade import OfferSubmitted as OfferSubmitted
from domain.events.trade import OfferWithdrawn as OfferWithdrawn
from domain.events.trade import RequestPublished as RequestPublished
from domain.events.trade import RequestWithdrawn as RequestWithdrawn
