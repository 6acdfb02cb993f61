"""The application's sign-in and its public applications, as the desks' server wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.applying import ApplicationForm
from app.auth.throttle import Throttled
from domain.errors import Refused
from domain.parties import Principal, Role
from views import applying, signin


@dataclass(frozen=True)
class DeskApplications:
    """The public page's applications as the application takes them."""

    door: Any

    def apply(self, form: Mapping[str, str], remote_ip: str) -> applying.NotTaken | None:
        try:
            role = Role(form["role"])
        except ValueError:
            return applying.NotTaken(problems=[("role", "Choose a role.")])
        filled = {**form, "role": role, "independent": bool(form["independent"])}
        try:
            self.door.apply(ApplicationForm(**filled), remote_ip)
        except Refused as refused:
            wait_s = refused.retry_after_s if isinstance(refused, Throttled) else None
            problems = [("" if wait_s else found.field, found.sentence) for found in refused.findings]
            return applying.NotTaken(problems=problems, retry_after_s=wait_s)
        return None


@dataclass(frozen=True)
class DeskSessions:
    """The application's login sessions as the desks' server wants them."""

    auth: Any

    def sign_in(self, account: str, password: str, remote_ip: str) -> signin.SessionToken | signin.SignInRefused:
        try:
            opened = self.auth.sign_in(account, password, remote_ip)
        except Refused as refused:
            wait_s = refused.retry_after_s if isinstance(refused, Throttled) else None
            return signin.SignInRefused(message=refused.findings[0].sentence, retry_after_s=wait_s)
        return signin.SessionToken(session_id=opened.token, expires_at=opened.expires_at)

    def principal_of(self, session_id: str) -> Principal | None:
        return self.auth.principal_of_session(session_id)

    def sign_out(self, session_id: str) -> None:
        self.auth.sign_out(session_id)
