"""Health, tokens and notifications."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from app.queries.models import ListNotifications
from app.rest.access import FromCaller, FromServices
from app.rest.account_schemas import Health, NotificationFilter, NotificationOut, TokenIn, TokenOut
from app.rest.problems import HttpProblem
from app.rest.schemas import Items
from app.rest.strict import StrictRoute
from app.settings import VERSION
from domain.commands import MarkNotificationsRead

log = logging.getLogger(__name__)
_REFUSALS = Path(__file__).resolve().parents[2] / "docs" / "refusals.md"

public = APIRouter(route_class=StrictRoute, tags=["access"])
router = APIRouter(route_class=StrictRoute, tags=["notifications"])


@public.get("/health")
def get_health(services: FromServices) -> Health:
    """Whether the process and its database answer."""
    try:
        market_now = services.market_now()
    except Exception:
        log.exception("health: the database does not answer")
        raise HttpProblem("unavailable", "The database does not answer.") from None
    return Health(version=VERSION, market_time=market_now)


@public.post("/token")
def issue_token(body: TokenIn, request: Request, services: FromServices) -> TokenOut:
    """A bearer token for an account and its password."""
    remote_ip = request.client.host if request.client else ""
    issued = services.auth.issue_token(body.account, body.password, remote_ip)
    return TokenOut(access_token=issued.token, expires_at=issued.expires_at)


@public.get("/docs/refusals.md", include_in_schema=False)
def get_refusals() -> FileResponse:
    """What each code means; problem details link here."""
    return FileResponse(_REFUSALS, media_type="text/markdown; charset=utf-8")


@router.get("/notifications")
def list_notifications(
    caller: FromCaller, where: Annotated[NotificationFilter, Query()]
) -> Items[NotificationOut]:
    """Own notifications, newest first."""
    rows = caller.query(ListNotifications(limit=where.limit))
    return Items(items=[NotificationOut.model_validate(row) for row in rows])


@router.post("/notifications/read", status_code=204)
def mark_notifications_read(caller: FromCaller) -> None:
    """All own notifications are read."""
    caller.execute(MarkNotificationsRead())
