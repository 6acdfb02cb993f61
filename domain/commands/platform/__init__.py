"""Commands of a player's platform."""

from __future__ import annotations

from domain.commands.platform.base import PlatformCommand as PlatformCommand
from domain.commands.platform.validation import SetCouplingLimits as SetCouplingLimits
from domain.commands.platform.validation import UploadValidationNetwork as UploadValidationNetwork
from domain.commands.platform.validation import UploadValidationSchedules as UploadValidationSchedules
