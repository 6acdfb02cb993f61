"""A platform as it is served: its interfaces as one application, and its scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.applying import Applying
from app.beat import Step
from app.platform.bootstrap import Platform
from app.platform.rest import build_asgi
from app.platform.scheduler import PlatformScheduler
from app.readiness import Readiness
from app.rest.access import Services
from app.rest.edge import Edge
from app.rest.edges.rates import Rates
from app.rest.issuer import Issuer
from app.vitals import Pulse


@dataclass(frozen=True, kw_only=True)
class Serving:
    """How a platform is served.

    secret : fingerprints bodies that may hold passwords; the same after a restart
    data_dir : whose disk has to have room
    poll_seconds : how often the scheduler looks what is due
    api_url : where the interfaces are reached; pages_url : where customers find its pages; "" for nowhere
    """

    secret: bytes = field(repr=False)
    data_dir: Path
    poll_seconds: float = 1.0
    max_body_bytes: int = 1_000_000
    rate_per_minute: int = 30_000
    plain_answers: bool = False
    api_url: str = ""
    pages_url: str = ""


def asgi_of(platform: Platform, how: Serving, pulse: Pulse | None = None) -> Edge:
    """The interfaces, ready to be served. `pulse`: what readiness asks; none where no scheduler beats it."""
    return build_asgi(services_of(platform, how, pulse or Pulse(platform.store, platform.wall_clock)))


def services_of(platform: Platform, how: Serving, pulse: Pulse) -> Services:
    """What the interfaces are built on."""

    def market_now() -> datetime:
        with platform.read() as uow:
            return uow.market

    return Services(
        desk=platform.desk,
        auth=platform.auth,
        applying=Applying(platform.execute, platform.auth, platform.wall_clock),
        market_now=market_now,
        max_body_bytes=how.max_body_bytes,
        issuer=Issuer(how.secret),
        bus=platform.bus,
        repeats=platform.repeats,
        missing=Readiness(platform.store, pulse, how.data_dir),
        fingerprint_key=how.secret,
        rates=Rates(how.rate_per_minute),
        plain_allowed=how.plain_answers,
        pages_url=how.pages_url,
    )


def scheduler_of(
    platform: Platform, how: Serving, pulse: Pulse | None = None, more: Sequence[Step] = ()
) -> PlatformScheduler:
    """The platform's scheduler, not started. `more`: what each poll does besides."""
    steps: list[Step] = [*more, platform.dispatcher.run, platform.introducer.run]
    if pulse is not None:
        pulse.expect_every(how.poll_seconds)
        steps.append(pulse.beat)
    return PlatformScheduler(desk=platform.desk, read=platform.read, steps=steps, poll_seconds=how.poll_seconds)


class Running:
    """A platform at work: scheduler, courier and technical validation, each in threads of its own. Its interfaces
    are served beside."""

    def __init__(
        self, platform: Platform, how: Serving, pulse: Pulse | None = None, more: Sequence[Step] = ()
    ) -> None:
        self._platform = platform
        self._scheduler = scheduler_of(platform, how, pulse, more)

    def start(self) -> None:
        self._platform.validating.start()
        self._scheduler.start()
        self._platform.courier.start()

    def stop(self) -> None:
        """End after what runs now; what is under way is taken up by the next start."""
        self._platform.courier.stop()
        self._scheduler.stop()
        self._platform.validating.stop()
