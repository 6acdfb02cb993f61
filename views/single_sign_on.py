"""Single sign-on at the desks: the way to the OpenID provider and back."""

from __future__ import annotations

from typing import Protocol

from tornado.web import HTTPError

from app.oidc import Begun, Finished, NotSignedInError
from views.handlers import PlainHandler

PATH = "/login/sso"
CALLBACK = f"{PATH}/callback"
COOKIE = "flexdesk_sso"
LASTS_S = 600


class SingleSignOn(Protocol):
    """Sign-ins at a provider. Nothing here blocks the loop."""

    @property
    def label(self) -> str: ...

    async def begin(self, redirect_uri: str, leads_to: str, remote_ip: str) -> Begun: ...

    async def finish(self, answer: dict[str, str], browser: str, remote_ip: str, agent: str) -> Finished: ...


class _SsoHandler(PlainHandler):
    def prepare(self) -> None:
        if self.site.single_sign_on is None:
            raise HTTPError(404)

    def refuse(self, error: NotSignedInError) -> None:
        """A plain page that says why not."""
        status = 429 if error.retry_after_s else 403
        self.set_status(status)
        if error.retry_after_s:
            self.set_header("Retry-After", str(error.retry_after_s))
        self.finish(self.site.message_page(error.sentence.removesuffix("."), status=status, back_to_login=True))


class BeginHandler(_SsoHandler):
    """To the provider. A link and no form: the browser would hold the form's policy against the way there."""

    async def get(self) -> None:
        redirect_uri = self.site.edge.address_of(self.request) + CALLBACK
        try:
            begun = await self.site.single_sign_on.begin(redirect_uri, self.wished_page(), self.remote_ip)
        except NotSignedInError as error:
            self.refuse(error)
            return
        self.keep_cookie(COOKIE, begun.browser, max_age=LASTS_S, path=PATH)
        self.redirect(begun.address)


class CallbackHandler(_SsoHandler):
    """Back from the provider, with a code or without."""

    async def get(self) -> None:
        answer = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        browser = self.get_signed_cookie(COOKIE) or b""
        self.clear_cookie(COOKIE, path=PATH)
        agent = self.request.headers.get("User-Agent", "")
        try:
            finished = await self.site.single_sign_on.finish(
                answer, browser.decode("ascii", "replace"), self.remote_ip, agent
            )
        except NotSignedInError as error:
            self.refuse(error)
            return
        self.keep_session(finished.session.token, finished.session.expires_at)
        self.redirect(finished.leads_to)
