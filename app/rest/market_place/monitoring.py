"""Services under way: what the market place was told of them, and alarms."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from app.queries.models.place import (
    GetServiceHistory,
    ListServiceAlarms,
    ListServiceStatus,
    ServiceStatus,
)
from app.rest.access import FromCaller
from app.rest.fields import Exact, Id, Instant, Out
from app.rest.paging import FromPager, Listing, only
from app.rest.schemas import Page, Paging
from app.rest.service_alarms import (
    SERVICE_ALARMS,
    ServiceAlarmFilter,
    ServiceAlarmOut,
    ShelveServiceAlarmIn,
)
from app.rest.strict import StrictRoute
from app.rest.tags import FromChanger, tag
from domain.commands.place import AcknowledgeServiceAlarm, ShelveServiceAlarm, UnshelveServiceAlarm
from domain.ids import AlarmId, SubscriptionId
from domain.marketplace.service_alarms import ServiceAlarm

router = APIRouter(route_class=StrictRoute, tags=["monitoring"])
PathId = Annotated[Id, Path()]


class ReportOut(Out):
    """A provider's interim report: counts since the one before, no values."""

    id: str
    state: str
    at: Instant
    n_delivered: int
    n_acknowledged: int
    n_overdue: int
    in_time_share: Exact | None
    last_delivery_at: Instant | None


class StatusOut(Out):
    """`consents` and `activations`: how many are in each state; `report`: the last one."""

    subscription_id: str
    provider_id: str
    requester_id: str
    state: str
    starts_at: Instant
    ends_at: Instant | None
    interim_hours: int
    consents: dict[str, int]
    activations: dict[str, int]
    report: ReportOut | None
    alarms: list[ServiceAlarmOut]

    @classmethod
    def of(cls, status: ServiceStatus) -> StatusOut:
        subscription = status.subscription
        return cls.model_validate(
            {
                "subscription_id": subscription.id,
                "provider_id": subscription.provider_id,
                "requester_id": subscription.requester_id,
                "state": subscription.state.value,
                "starts_at": subscription.content.starts_at,
                "ends_at": subscription.content.ends_at,
                "interim_hours": subscription.content.terms.interim_hours,
                "consents": dict(status.consents),
                "activations": dict(status.activations),
                "report": status.report,
                "alarms": list(status.alarms),
            }
        )


class ConsentStatusOut(Out):
    id: str
    state: str
    at: Instant


class ActivationStatusOut(Out):
    id: str
    status: str
    at: Instant
    starts_at: Instant | None
    ends_at: Instant | None
    ended_at: Instant | None


class HistoryOut(Out):
    """What was told of a subscription, by time: the newest 10,000 of each kind."""

    status: StatusOut
    consents: list[ConsentStatusOut]
    activations: list[ActivationStatusOut]
    reports: list[ReportOut]


STATUSES = Listing(StatusOut, "subscription_id")


@router.get("/services", name="place_services")
def list_services(caller: FromCaller, pager: FromPager, where: Annotated[Paging, Query()]) -> Page[StatusOut]:
    """Operator: every subscription with what was told of it; a player: its own."""
    return pager.page(STATUSES, where, caller.query(ListServiceStatus()), StatusOut.of)


@router.get("/services/{subscription_id}", name="place_service")
def get_service(caller: FromCaller, subscription_id: PathId) -> HistoryOut:
    """What was told of one of them."""
    found = caller.query(GetServiceHistory(subscription_id=SubscriptionId(subscription_id)))
    return HistoryOut.model_validate({**vars(found), "status": StatusOut.of(found.status)})


@router.get("/service-alarms", name="place_service_alarms")
def list_alarms(
    caller: FromCaller, pager: FromPager, where: Annotated[ServiceAlarmFilter, Query()]
) -> Page[ServiceAlarmOut]:
    """Alarms that the caller may see; what asks for an answer first."""
    rows = caller.query(ListServiceAlarms(with_cleared=where.with_cleared))
    return pager.page(SERVICE_ALARMS, where, rows, ServiceAlarmOut.of)


@router.get("/service-alarms/{alarm_id}", name="place_service_alarm")
def get_alarm(caller: FromCaller, alarm_id: PathId, response: Response) -> ServiceAlarmOut:
    """One alarm."""
    rows: Any = caller.query(ListServiceAlarms(with_cleared=True))
    alarm = only(rows, "alarm_id", lambda row: bool(row.id == alarm_id))
    tag(response, alarm.version)
    return ServiceAlarmOut.of(alarm)


@router.post("/service-alarms/{alarm_id}/acknowledge", name="place_acknowledge_service_alarm")
def acknowledge(caller: FromChanger, alarm_id: PathId) -> ServiceAlarmOut:
    """Operator, provider: it was seen and is being dealt with."""
    command = AcknowledgeServiceAlarm(alarm_id=AlarmId(alarm_id))
    return ServiceAlarmOut.of(caller.change(command, ServiceAlarm, id=command.alarm_id))


@router.post("/service-alarms/{alarm_id}/shelve", name="place_shelve_service_alarm")
def shelve(caller: FromChanger, alarm_id: PathId, body: ShelveServiceAlarmIn) -> ServiceAlarmOut:
    """Operator, provider: put it aside until a market time."""
    command = ShelveServiceAlarm(alarm_id=AlarmId(alarm_id), until=body.until, reason=body.reason)
    return ServiceAlarmOut.of(caller.change(command, ServiceAlarm, id=command.alarm_id))


@router.post("/service-alarms/{alarm_id}/unshelve", name="place_unshelve_service_alarm")
def unshelve(caller: FromChanger, alarm_id: PathId) -> ServiceAlarmOut:
    """Operator, provider: it asks for an answer again."""
    command = UnshelveServiceAlarm(alarm_id=AlarmId(alarm_id))
    return ServiceAlarmOut.of(caller.change(command, ServiceAlarm, id=command.alarm_id))
