"""A founded platform for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from platform_world import BUYER, DSO, PlatformWorld, opened_platform


@pytest.fixture
def founded(tmp_path: Path) -> Iterator[PlatformWorld]:
    with opened_platform(tmp_path / "platform.db", DSO, BUYER) as world:
        yield world
