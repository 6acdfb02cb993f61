"""A page's head goes out before the page is built, and a page that begins differently is asked for anew."""

from __future__ import annotations

import asyncio
import re
import threading

from panel.io.server import DocHandler

from views.heads import Heads

PAGE = '<html><head><script nonce="{0}" src="a.js"></script></head><body>{1}</body></html>'


def test_a_head_is_known_once_its_page_was_written():
    heads = Heads()
    assert heads.early("dso", "n1") == ""
    assert heads.rest("dso", "n1", PAGE.format("n1", "one"), "") == PAGE.format("n1", "one")
    early = heads.early("dso", "n2")
    assert early == '<html><head><script nonce="n2" src="a.js"></script></head>'
    assert early + heads.rest("dso", "n2", PAGE.format("n2", "two"), early) == PAGE.format("n2", "two")
    assert heads.early("fmo", "n2") == ""


def test_a_page_that_begins_differently_is_asked_for_anew_and_never_early_again():
    heads = Heads()
    heads.rest("dso", "n1", PAGE.format("n1", "one"), "")
    early = heads.early("dso", "n2")
    other = PAGE.format("n2", "two").replace("a.js", "b.js")
    assert heads.rest("dso", "n2", other, early) == '<script nonce="n2">location.reload()</script>'
    assert heads.early("dso", "n3") == ""
    assert heads.rest("dso", "n3", other, "") == other
    assert heads.early("dso", "n4") == ""


def test_the_browser_has_the_head_while_the_page_is_built(desks, monkeypatch):
    alice = desks.browser()
    alice.sign_in("alice")
    whole = alice.http.get("/dso").text
    go, went = threading.Event(), []
    built = DocHandler.get_session

    async def later(handler):
        went.append(await asyncio.to_thread(go.wait, 10))
        return await built(handler)

    monkeypatch.setattr(DocHandler, "get_session", later)
    with alice.http.stream("GET", "/dso") as answer:
        parts = answer.iter_text()
        seen = next(parts)
        assert seen.endswith("</head>")
        go.set()
        seen += "".join(parts)
    assert went == [True]
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["content-security-policy"]).group(1)
    assert all(f'nonce="{nonce}"' in tag for tag in re.findall(r"<script[^>]*>", seen))
    assert "no-store" in answer.headers["cache-control"]
    shape = re.compile(r'nonce="[^"]*"|[0-9a-f-]{36}|p\d+|"token":"[^"]*"')
    assert shape.sub("", seen) == shape.sub("", whole)


def test_who_may_not_see_a_page_gets_no_head_of_it(desks):
    alice, bob = desks.browser(), desks.browser()
    alice.sign_in("alice")
    bob.sign_in("bob")
    alice.http.get("/dso")
    assert bob.http.get("/dso").status_code == 403
    assert desks.browser().http.get("/dso").status_code == 302
