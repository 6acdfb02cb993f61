"""The public page on which a company enrols on the EU Market Place: the port, and its handler."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tornado.web import HTTPError

from views.applying import NotTaken
from views.handlers import PlainHandler

PATH = "/enrol"
COMPANY_FIELDS: Mapping[str, int] = {
    "name": 80,
    "legal_form": 80,
    "register_number": 80,
    "vat_number": 80,
    "company_type": 40,
    "contact": 80,
    "email": 254,
    "phone": 31,
    "street": 80,
    "postcode": 10,
    "city": 80,
    "country": 2,
    "password": 1024,
}
ROLE_FIELDS: Mapping[str, int] = {"plays": 3, "account": 64, "url": 300}
"""Of each role that a company may register in; the role's place in the list stands behind the name, as `url_2`."""

ROLES = "roles"
"""What is wrong with the choice of roles as a whole."""


@dataclass(frozen=True, kw_only=True)
class CompanyChoice:
    """A type of company, in the form's value and in words."""

    value: str
    words: str


@dataclass(frozen=True, kw_only=True)
class RoleToPlay:
    """A role that a company may register in, and by which types of company, in words."""

    words: str
    types: Sequence[str]


class Enrolments(Protocol):
    """Where enrolments go. `enrol` may be slow (password hash): it runs in a thread."""

    @property
    def company_types(self) -> Sequence[CompanyChoice]: ...

    @property
    def roles(self) -> Sequence[RoleToPlay]: ...

    def about(self) -> Sequence[tuple[str, str]]:
        """What the market place says of itself: headings and texts."""
        ...

    def enrol(self, form: Mapping[str, str], remote_ip: str) -> NotTaken | None:
        """Take the enrolment; None when it is taken."""
        ...


def longest(n_roles: int) -> dict[str, int]:
    """The form's fields and how long each may be; what is longer is cut by one more, so that its check says so."""
    roles = {f"{name}_{index}": most for index in range(n_roles) for name, most in ROLE_FIELDS.items()}
    return {**COMPANY_FIELDS, **roles}


class EnrolHandler(PlainHandler):
    """The form (GET) and its sending (POST with XSRF token); what was typed is given back but the password."""

    def prepare(self) -> None:
        if self.site.enrolments is None:
            raise HTTPError(404)
        self.longest = longest(len(self.site.enrolments.roles))

    def get(self) -> None:
        self._page(received="received" in self.request.query_arguments)

    async def post(self) -> None:
        form = {
            name: self.get_body_argument(name, "", strip=name != "password")[: most + 1]
            for name, most in self.longest.items()
        }
        loop = asyncio.get_running_loop()
        refusal = await loop.run_in_executor(None, self.site.enrolments.enrol, form, self.remote_ip)
        if refusal is None:
            self.redirect(f"{PATH}?received")
            return
        self.set_status(429 if refusal.retry_after_s else 422)
        if refusal.retry_after_s:
            self.set_header("Retry-After", str(refusal.retry_after_s))
        self._page(form | {"password": ""}, refusal.problems)

    def _page(
        self,
        form: Mapping[str, str] | None = None,
        problems: Sequence[tuple[str, str]] = (),
        *,
        received: bool = False,
    ) -> None:
        beside: dict[str, list[str]] = {}
        for field, sentence in problems:
            beside.setdefault(field if field in (*self.longest, ROLES) else "", []).append(sentence)
        self.finish(
            self.site.render(
                "enrol.html",
                about=self.site.enrolments.about(),
                form=form or dict.fromkeys(self.longest, ""),
                problems=beside,
                longest=self.longest,
                company_types=self.site.enrolments.company_types,
                roles=self.site.enrolments.roles,
                xsrf=self.xsrf_token.decode(),
                received=received,
            )
        )
