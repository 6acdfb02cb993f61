"""The application's sign-in and its public applications, as the desks' server wants them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.applying import ApplicationForm, EnrolmentForm
from app.auth.throttle import Throttled
from domain.commands import ChangePassword
from domain.errors import Refused
from domain.marketplace.companies import Address, Contact, LegalData
from domain.marketplace.registrations import MAY_PLAY, RegistrationWish
from domain.marketplace.words import CompanyType, PlayerRole
from domain.parties import Principal, Role
from views import applying, enrolling, signin
from views.state.place_words import words

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


COMPANY_FIELD: Mapping[str, str] = {
    "legal.name": "name",
    "legal.legal_form": "legal_form",
    "legal.register_number": "register_number",
    "legal.vat_number": "vat_number",
    "contact.name": "contact",
    "contact.email": "email",
    "contact.phone": "phone",
    "address.street": "street",
    "address.postcode": "postcode",
    "address.city": "city",
    "address.country": "country",
    "password": "password",
    "registrations": enrolling.ROLES,
}
"""An enrolment's field to the form's."""
_ROLE_FIELD = {"player_role": "plays", "account": "account", "platform_url": "url"}
_OF_ROLE = re.compile(r"registrations\[([0-9]+)\]\.([a-z_]+)")
_PLAYER_ROLES = tuple(PlayerRole)
_NOT_TICKED = "Tick this role, or leave its sign-in name and address empty."


@dataclass(frozen=True)
class DeskEnrolments:
    """The public page's enrolments on the EU Market Place as the application takes them."""

    door: Any
    about: Callable[[], Sequence[tuple[str, str]]]
    company_types: tuple[enrolling.CompanyChoice, ...] = tuple(
        enrolling.CompanyChoice(value=one.value, words=words(one)) for one in CompanyType
    )
    roles: tuple[enrolling.RoleToPlay, ...] = tuple(
        enrolling.RoleToPlay(words=words(role), types=[one.value for one, may in MAY_PLAY.items() if role in may])
        for role in _PLAYER_ROLES
    )

    def enrol(self, form: Mapping[str, str], remote_ip: str) -> applying.NotTaken | None:
        try:
            company_type = CompanyType(form["company_type"])
        except ValueError:
            return applying.NotTaken(problems=[("company_type", "Choose the type of company.")])
        played = [index for index in range(len(_PLAYER_ROLES)) if form[f"plays_{index}"]]
        idle = set(range(len(_PLAYER_ROLES))) - set(played)
        typed = [index for index in sorted(idle) if form[f"account_{index}"] or form[f"url_{index}"]]
        if typed:
            return applying.NotTaken(problems=[(f"plays_{index}", _NOT_TICKED) for index in typed])
        try:
            self.door.enrol(_enrolment(form, company_type, played), remote_ip)
        except Refused as refused:
            wait_s = refused.retry_after_s if isinstance(refused, Throttled) else None
            problems = [
                ("" if wait_s else _form_field(found.field, played), found.sentence) for found in refused.findings
            ]
            return applying.NotTaken(problems=problems, retry_after_s=wait_s)
        return None


def _enrolment(form: Mapping[str, str], company_type: CompanyType, played: Sequence[int]) -> EnrolmentForm:
    """What was filled in. `played`: places of the roles that were ticked."""
    return EnrolmentForm(
        legal=LegalData(
            name=form["name"],
            legal_form=form["legal_form"],
            register_number=form["register_number"],
            vat_number=form["vat_number"],
        ),
        company_type=company_type,
        contact=Contact(name=form["contact"], email=form["email"], phone=form["phone"]),
        address=Address(
            street=form["street"],
            postcode=form["postcode"].upper(),
            city=form["city"],
            country=form["country"].upper(),
        ),
        registrations=tuple(
            RegistrationWish(
                player_role=_PLAYER_ROLES[index],
                account=form[f"account_{index}"],
                platform_url=form[f"url_{index}"],
            )
            for index in played
        ),
        password=form["password"],
    )


def _form_field(field: str, played: Sequence[int]) -> str:
    """Inverse of the fields in `_enrolment`; "" for the form as a whole."""
    of_role = _OF_ROLE.fullmatch(field)
    if of_role is None:
        return COMPANY_FIELD.get(field, "")
    return f"{_ROLE_FIELD[of_role[2]]}_{played[int(of_role[1])]}"


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
