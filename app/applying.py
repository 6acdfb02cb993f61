"""The door for companies that are not signed in yet: an application, throttled, its password hashed at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from app.auth import Auth, Limit, Throttle
from domain.commands import Apply, Command
from domain.commands.place import EnrolCompany
from domain.errors import raise_if
from domain.marketplace.companies import Address, Company, Contact, LegalData, company_findings
from domain.marketplace.registrations import RegistrationWish, wishes_findings
from domain.marketplace.words import CompanyType
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


@dataclass(frozen=True, kw_only=True)
class EnrolmentForm:
    """What a company of the EU Market Place fills in; `password`: of all its sign-ins, until they change it."""

    legal: LegalData
    company_type: CompanyType
    contact: Contact
    address: Address
    registrations: tuple[RegistrationWish, ...]
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

    def enrol(self, form: EnrolmentForm, remote_ip: str) -> Company:
        """Enrol a company with the market place's operator.

        Raises:
            Refused: all findings on the form, which count no attempt; then `throttled` (as `Throttled`) and
                `duplicate` for a sign-in name that is taken.
        """
        raise_if(
            [
                *company_findings(form.legal, form.contact, form.address),
                *wishes_findings(form.company_type, form.registrations),
                *self._auth.password_findings(form.password),
            ]
        )
        self._by_address.count(remote_ip)
        command = EnrolCompany(
            legal=form.legal,
            company_type=form.company_type,
            contact=form.contact,
            address=form.address,
            registrations=form.registrations,
            secret=self._auth.hashed(form.password),
        )
        company = cast(Company, self._execute(command))
        _log.info("company %s enrolled from %s", company.id, remote_ip)
        return company
