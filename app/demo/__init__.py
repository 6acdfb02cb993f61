"""The demo day: read from `assets/demo`, loaded through the desk."""

from app.demo.loading import DemoAccount, accounts, is_empty, load
from app.demo.scenario import SCENARIOS

__all__ = ["SCENARIOS", "DemoAccount", "accounts", "is_empty", "load"]
