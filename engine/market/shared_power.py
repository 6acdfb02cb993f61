"""Apparent-power limits that several offers share: tangents to a circle, added where a trial is beyond it."""

from __future__ import annotations

import numpy as np

from engine.market.case import Case
from engine.market.columns import Columns
from engine.market.links import limited_assets, members_of_asset, shared_power_rows
from engine.reading import Floats

FIRST_ANGLES = 16
TOLERANCE_MVA = 1e-9


class SharedPower:
    """The limits of a case; nothing to do where no offer names one."""

    def __init__(self, case: Case, columns: Columns) -> None:
        self._case, self._columns = case, columns
        self._members = {asset: members_of_asset(case, columns, asset) for asset in limited_assets(case.offers)}

    def first_rows(self) -> list[tuple[np.ndarray, np.ndarray, float, float]]:
        """Tangents at equal angles, for every asset and step."""
        angles = [2.0 * np.pi * k / FIRST_ANGLES for k in range(FIRST_ANGLES)]
        steps = range(self._case.time.n_steps)
        wanted = {(asset, step): angles for asset in self._members for step in steps}
        return shared_power_rows(self._columns, self._members, wanted)

    def rows_beyond(self, x: Floats) -> tuple[list[tuple[np.ndarray, np.ndarray, float, float]], Floats]:
        """Tangents where x : [n_columns] is beyond a limit, and [n_steps] how many each step got."""
        wanted: dict[tuple[str, int], list[float]] = {}
        count = np.zeros(self._case.time.n_steps)
        for asset, (members, limit, base) in self._members.items():
            power = base.copy()
            turn = np.where(self._columns.reactive[members], 1j, 1.0) * self._columns.sign[members]
            np.add.at(power, self._columns.step[members], turn * x[members])
            for step in np.flatnonzero(np.abs(power) > np.maximum(limit, np.abs(base)) + TOLERANCE_MVA):
                wanted[(asset, int(step))] = [float(np.angle(power[step]))]
                count[step] += 1.0
        return shared_power_rows(self._columns, self._members, wanted), count
