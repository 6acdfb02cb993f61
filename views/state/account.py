"""The own sign-ins and API keys as their owner reads them. Their times are of the wall clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import param

from app.queries.models import KeyView
from domain.ids import LoginId
from domain.parties import Login, LoginKind, Role, Scope
from domain.parties.access import SCOPES_OF_ROLE
from views.state.common import MISSING, local, utc

SCOPE_WORDS: Mapping[Scope, str] = {
    Scope.READ: "Look only",
    Scope.TRADE: "Trade: requests, offers, calls",
    Scope.ASSETS: "Assets, baselines, forecasts",
    Scope.GRID: "Grid: networks, zones, alarms",
    Scope.METERING: "Metering",
    Scope.EXCHANGE: "Messages between platforms and market place",
    Scope.FMO_REGULAR: "Regular profile: create and read",
    Scope.FMO_ADMIN: "Administrative profile: everything",
}
THIS = "this one"
_FORM = "%d %b %Y %H:%M"
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"[A-Za-z][\w.-]{0,30}/[\w.]{1,20}")


class AccountState(param.Parameterized):
    """What is picked in the two books."""

    login_id = param.String(default="")
    key_id = param.String(default="")


def client_words(client: str) -> str:
    """What kind of client, from what it says of itself: `Firefox on Linux`, `python-httpx/0.28`, or as it is."""
    browser = next((name for mark, name in _BROWSERS if mark in client), "")
    system = next((name for mark, name in _SYSTEMS if mark in client), "")
    if client.startswith("Mozilla/") and browser:
        return f"{browser} on {system}" if system else browser
    program = _PROGRAM.match(client)
    return program[0] if program else client[:60] or MISSING


def login_record(login: Login, own: LoginId) -> dict[str, Any]:
    """A row of the book of sign-ins; `own` is the one that the page is open with."""
    return {
        "kind": "Desk" if login.kind is LoginKind.SESSION else "Token",
        "this": THIS if login.id == own else "",
        "client": client_words(login.client),
        "address": login.address or MISSING,
        "began": local(login.began_at, _FORM),
        "began_utc": utc(login.began_at),
        "seen": local(login.seen_at, _FORM),
        "seen_utc": utc(login.seen_at),
        "ends": local(login.expires_at, _FORM),
        "ends_utc": utc(login.expires_at),
        "id": login.id,
    }


def key_state(view: KeyView, now: datetime) -> str:
    if view.key.revoked_at is not None:
        return "revoked"
    return "active" if view.key.lives(now) else "expired"


def key_record(view: KeyView, now: datetime) -> dict[str, Any]:
    """A row of the book of API keys at `now`, wall time."""
    key, used_at, old_until = view.key, view.use.used_at, view.use.old_until
    return {
        "state": key_state(view, now),
        "name": key.name,
        "scopes": ", ".join(scope.value for scope in key.scopes),
        "used": local(used_at, _FORM) if used_at else "not yet",
        "used_utc": utc(used_at) if used_at else "",
        "expires": local(key.expires_at, _FORM),
        "expires_utc": utc(key.expires_at),
        "old": f"until {local(old_until, _FORM)}" if old_until else "",
        "id": key.id,
    }


def scope_options(role: Role) -> dict[str, str]:
    """The choices of a new key: words to the scope's name."""
    return {SCOPE_WORDS[scope]: scope.value for scope in SCOPES_OF_ROLE[role]}
