"""The door for companies that are not signed in yet: an application, throttled, its password hashed at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from app.auth import Auth, Limit, Throttle
from domain.commands import Apply, Command
from domain.errors import raise_if
from domain.parties import Application, Role, application_findings

PER_ADDRESS = Limit(attempts=5, window=timedelta(hours=1))
"""Also bounds how many sign-in names one can try to find taken."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ApplicationForm:
    """What a company fills in. The password is never shown in a representation."""

    company: str
    contact: str
    email: str
    role: Role
    independent: bool
    account: str
    password: str = field(repr=False)


class Applying:
    """Thread-safe. `execute` carries a command out as the market itself."""

    def __init__(
        self, execute: Callable[[Command], object], auth: Auth, wall_clock: Callable[[], datetime]
    ) -> None:
        self._execute, self._auth = execute, auth
        self._by_address = Throttle(PER_ADDRESS, wall_clock, "applications")

    def apply(self, form: ApplicationForm, remote_ip: str) -> Application:
        """Send an application to the market operator.

        Raises:
            Refused: all findings on the form, which count no attempt; then `throttled` (as `Throttled`) and
                `duplicate` for a sign-in name that is taken.
        """
        raise_if(
            [
                *application_findings(form.company, form.contact, form.email, form.role, form.independent),
                *self._auth.sign_in_findings(form.account, form.password),
            ]
        )
        self._by_address.count(remote_ip)
        command = Apply(
            company=form.company,
            contact=form.contact,
            email=form.email,
            role=form.role,
            independent=form.independent,
            account=form.account,
            secret=self._auth.hashed(form.password),
        )
        application = cast(Application, self._execute(command))
        _log.info("application %s received from %s", application.id, remote_ip)
        return application
