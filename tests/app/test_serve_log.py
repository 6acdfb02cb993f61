"""What the server logs of its own loop: faults, and not that somebody closed a page."""

import asyncio
import logging

import pytest
from tornado.websocket import WebSocketClosedError

from app.cli.serve import _unless_page_left


@pytest.mark.parametrize(("fault", "logged"), [(WebSocketClosedError(), False), (ValueError("real"), True)])
def test_a_closed_page_is_no_fault(fault: Exception, logged: bool, caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.new_event_loop()
    with caplog.at_level(logging.ERROR):
        _unless_page_left(loop, {"message": "Task exception was never retrieved", "exception": fault})
    loop.close()
    assert bool(caplog.records) is logged
