"""Bodies and answers of health, tokens and notifications."""

from __future__ import annotations

from typing import Literal

from app.rest.fields import In, Instant, Out, Password, Text
from app.rest.schemas import Paging


class TokenIn(In):
    account: Text
    password: Password


class TokenOut(Out):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - RFC 6750's word
    expires_at: Instant


class Health(Out):
    status: Literal["ok"] = "ok"
    version: str
    market_time: Instant


class Ready(Out):
    status: Literal["ready"] = "ready"


class NotificationOut(Out):
    id: str
    event: str
    sentence: str
    link: str
    market_at: Instant
    read: bool


class NotificationFilter(Paging):
    read: bool | None = None
