"""The pages on which a customer signs in and consents: plain HTML, every value escaped, no script, no style."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

from app.queries.models.platform import AuthorizationAsked
from domain.ids import PodId

MOST_CHOICES = 12
"""PoDs that can be chosen one by one: a form has few fields. Who has more gives all."""


def page(title: str, body: str, status: int = 200, redirect_uri: str = "") -> HTMLResponse:
    """`body`: HTML made here. A form may lead on to the client's own address, and nowhere else."""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    parts = urlsplit(redirect_uri)
    target = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    policy = f"default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{target}"
    return HTMLResponse(text, status, headers={"Content-Security-Policy": policy})


def sentence(text: str) -> str:
    return f'<p role="alert">{escape(text)}</p>' if text else ""


def sign_in(asked: AuthorizationAsked, request: str, wrong: str, action: str, redirect_uri: str) -> HTMLResponse:
    body = (
        f"<p>{escape(asked.requester)} asks for access to your data. Sign in to see what it asks for.</p>"
        f'{sentence(wrong)}<form method="post" action="{escape(action)}">{_hidden("request", request)}'
        '<p><label>Account <input name="account" autocomplete="username" required></label></p>'
        '<p><label>Password <input name="password" type="password" autocomplete="current-password" required>'
        '</label></p><p><button type="submit">Sign in</button></p></form>'
    )
    return page("Sign in", body, 401 if wrong else 200, redirect_uri)


def consent(
    asked: AuthorizationAsked, request: str, csrf: str, wrong: str, action: str, redirect_uri: str
) -> HTMLResponse:
    rows = (
        ("Who asks", asked.requester),
        ("Program", asked.client),
        ("Service", asked.service),
        ("Data", asked.data_details),
        ("Processing", asked.processing_details),
        ("From", f"{asked.since:%Y-%m-%d %H:%M} UTC"),
        ("Until", f"{asked.until:%Y-%m-%d %H:%M} UTC"),
    )
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    body = (
        f'<dl>{told}</dl>{sentence(wrong)}<form method="post" action="{escape(action)}">'
        f"{_hidden('request', request)}{_hidden('csrf', csrf)}"
        "<fieldset><legend>For which points of delivery</legend>"
        f"{_choices(asked.pod_ids)}</fieldset>"
        '<p><button name="decision" value="give">I consent</button> '
        '<button name="decision" value="refuse">No</button></p></form>'
        "<p>You can revoke your consent at any time.</p>"
    )
    return page("Consent", body, 422 if wrong else 200, redirect_uri)


def _choices(pods: tuple[PodId, ...]) -> str:
    if not pods:
        return "<p>No point of delivery is yours here.</p>"
    if len(pods) > MOST_CHOICES:
        return f"<p>All of your {len(pods)} points of delivery.</p>"
    return "".join(
        f'<p><label><input type="checkbox" name="pod-{i}" value="{escape(pod)}" checked> {escape(pod)}</label></p>'
        for i, pod in enumerate(pods)
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
