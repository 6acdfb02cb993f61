"""The public page on which a company applies to take part: the port, and its handler beside the sign-in's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tornado.web import HTTPError

from views.handlers import PlainHandler

PATH = "/apply"
LONGEST: Mapping[str, int] = {
    "company": 80,
    "contact": 80,
    "email": 254,
    "role": 20,
    "independent": 3,
    "account": 64,
    "password": 1024,
}
"""The form's fields and how long each may be; what is longer is cut by one more, so that its check says so."""


@dataclass(frozen=True, kw_only=True)
class NotTaken:
    """Why an application was not taken: (field, sentence) for each finding; `retry_after_s` when throttled."""

    problems: Sequence[tuple[str, str]]
    retry_after_s: int | None = None


class Applications(Protocol):
    """Where applications go. May be slow (password hash): runs in a thread."""

    def apply(self, form: Mapping[str, str], remote_ip: str) -> NotTaken | None:
        """Take the application; None when it is taken."""
        ...


@dataclass(frozen=True, kw_only=True)
class RoleChoice:
    """A role one may apply for, and its name for people."""

    value: str
    words: str


class ApplyHandler(PlainHandler):
    """The form (GET) and its sending (POST with XSRF token); what was typed is given back but the password."""

    def prepare(self) -> None:
        if self.site.applications is None:
            raise HTTPError(404)

    def get(self) -> None:
        self._page(received="received" in self.request.query_arguments)

    async def post(self) -> None:
        form = {
            name: self.get_body_argument(name, "", strip=name != "password")[: most + 1]
            for name, most in LONGEST.items()
        }
        loop = asyncio.get_running_loop()
        refusal = await loop.run_in_executor(None, self.site.applications.apply, form, self.remote_ip)
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
            beside.setdefault(field if field in LONGEST else "", []).append(sentence)
        self.finish(
            self.site.render(
                "apply.html",
                form=form or dict.fromkeys(LONGEST, ""),
                problems=beside,
                longest=LONGEST,
                roles=self.site.applicable_roles,
                xsrf=self.xsrf_token.decode(),
                received=received,
            )
        )
