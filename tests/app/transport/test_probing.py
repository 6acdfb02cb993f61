"""The integration set-up test says what is wrong with a platform, and never raises."""

from __future__ import annotations

import pytest
from players import Told, player

from app.transport.probing import probe


@pytest.mark.parametrize(
    ("told", "passed", "said"),
    [
        (Told(), True, "the key fits"),
        (Told(status=401), False, "does not fit (401)"),
        (Told(status=403), False, "does not fit (403)"),
        (Told(status=500, body=b'{"detail": "x"}'), False, "It answered 500."),
        (Told(body=b"<html>"), False, "no EU-MP API"),
        (Told(body=b"[]"), False, "no EU-MP API"),
        (Told(hang_up=True), False, "The connection broke"),
    ],
)
def test_each_answer_has_its_sentence(told: Told, passed: bool, said: str) -> None:
    with player() as there:
        there.answer = lambda got: told
        probed = probe(f"{there.url}/", "fdk_x", local=True)
        (got,) = there.got
    assert (probed.passed, said in probed.sentence) == (passed, True), probed
    assert (got.path, got.key) == ("/eu-mp/v1/test", "Bearer fdk_x")


def test_our_own_network_is_not_probed() -> None:
    with player() as there:
        probed = probe(there.url.replace("http:", "https:"), "fdk_x", local=False)
        assert there.got == []
    assert not probed.passed
    assert "127.0.0.1, which is not called" in probed.sentence


def test_nobody_there() -> None:
    with player() as there:
        url = there.url
    probed = probe(url, "fdk_x", local=True)
    assert not probed.passed
    assert "Nobody answers there" in probed.sentence
