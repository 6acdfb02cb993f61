"""Queries of a player's platform and what they answer; here and not in `app.platform`, for the policy."""

from __future__ import annotations

from app.queries.models.platform.base import PlatformQuery as PlatformQuery
from app.queries.models.platform.pods import GetPod as GetPod
from app.queries.models.platform.pods import ListPods as ListPods
