"""The demo day: read from `assets/demo`, loaded through the desk."""

from app.demo.accounts import DemoAccount, accounts
from app.demo.loading import is_empty, load
from app.demo.scenario import SCENARIOS

__all__ = ["SCENARIOS", "DemoAccount", "accounts", "is_empty", "load"]
