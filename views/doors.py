"""The application's sign-in and its public applications, as the desks' server wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.applying import ApplicationForm
from app.auth.throttle import Throttled
from domain.commands import ChangePassword
from domain.errors import Refused
from domain.parties import Principal, Role
from views import applying, signin

MUST_CHANGE = "must_change"


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
    """The application's login sessions as the desks' server wants them; a password is changed at the desk."""

    auth: Any
    desk: Any

    def sign_in(
        self, account: str, password: str, remote_ip: str, agent: str = "", new_password: str = ""
    ) -> signin.SessionToken | signin.SignInRefused:
        try:
            if new_password:
                who = self.auth.whoever_chooses(account, password, remote_ip)
                self.desk.execute(who, ChangePassword(present=password, password=new_password))
                password = new_password
            opened = self.auth.sign_in(account, password, remote_ip, agent)
        except Refused as refused:
            first = refused.findings[0]
            wait_s = refused.retry_after_s if isinstance(refused, Throttled) else None
            must_change = first.code == MUST_CHANGE or bool(new_password and first.field == "password")
            return signin.SignInRefused(message=first.sentence, retry_after_s=wait_s, must_change=must_change)
        return signin.SessionToken(session_id=opened.token, expires_at=opened.expires_at)

    def principal_of(self, session_id: str) -> Principal | None:
        return self.auth.principal_of_session(session_id)

    def seen(self, session_id: str) -> None:
        self.auth.principal_of_session(session_id, active=True)

    def sign_out(self, session_id: str) -> None:
        self.auth.sign_out(session_id)
