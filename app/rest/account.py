"""Health, tokens and notifications."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import FileResponse

from app.queries.models import ListNotifications
from app.rest.access import FromCaller, FromServices, address_of
from app.rest.account_schemas import Health, NotificationFilter, NotificationOut, Ready, TokenIn, TokenOut
from app.rest.fields import Id
from app.rest.paging import FromPager, Listing
from app.rest.problems import HttpProblem, NotReady
from app.rest.schemas import Page
from app.rest.streams import NewsStream
from app.rest.strict import StrictRoute
from app.settings import VERSION
from domain.commands import MarkNotificationsRead

log = logging.getLogger(__name__)
_REFUSALS = Path(__file__).resolve().parents[2] / "docs" / "refusals.md"
_STREAMED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events until the token ends.", "content": {"text/event-stream": {}}}
}

public = APIRouter(route_class=StrictRoute, tags=["access"])
router = APIRouter(route_class=StrictRoute, tags=["notifications"])
NOTIFICATIONS = Listing(NotificationOut, "-market_at,-id", by=("event",))


@public.get("/health")
def get_health(services: FromServices) -> Health:
    """Whether the process and its database answer."""
    try:
        market_now = services.market_now()
    except Exception:
        log.exception("health: the database does not answer")
        raise HttpProblem("unavailable", "The database does not answer.") from None
    return Health(version=VERSION, market_time=market_now)


@public.get("/ready", responses={503: {"description": "Something is missing; `findings` say what."}})
def get_readiness(services: FromServices) -> Ready:
    """Whether the server can do its work: database, migrations, scheduler, disk."""
    missing = services.missing()
    if missing:
        log.warning("not ready: %s", ", ".join(what for what, _ in missing))
        raise NotReady(missing)
    return Ready()


@public.post("/token")
def issue_token(body: TokenIn, request: Request, services: FromServices) -> TokenOut:
    """A bearer token for an account and its password."""
    issued = services.auth.issue_token(body.account, body.password, address_of(request))
    return TokenOut(access_token=issued.token, expires_at=issued.expires_at)


@public.get("/docs/refusals.md", include_in_schema=False)
def get_refusals() -> FileResponse:
    """What each code means; problem details link here."""
    return FileResponse(_REFUSALS, media_type="text/markdown; charset=utf-8")


@router.get("/notifications")
def list_notifications(
    caller: FromCaller, pager: FromPager, where: Annotated[NotificationFilter, Query()]
) -> Page[NotificationOut]:
    """Own notifications, newest first."""
    rows = caller.query(ListNotifications(read=where.read, part=pager.part(NOTIFICATIONS, where)))
    return pager.cut(NOTIFICATIONS, where, rows, NotificationOut.model_validate)


@router.get("/notifications/stream", status_code=200, responses=_STREAMED, response_class=NewsStream)
async def stream_notifications(
    caller: FromCaller, request: Request, last_event_id: Annotated[Id | None, Header()] = None
) -> Response:
    """Own notifications as they come, as server-sent events; with `Last-Event-ID` those since that one first."""
    return NewsStream(request.app.state.streams, caller, last_event_id)


@router.post("/notifications/read", status_code=204)
def mark_notifications_read(caller: FromCaller) -> None:
    """All own notifications are read."""
    caller.execute(MarkNotificationsRead())
