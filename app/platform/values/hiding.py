"""Which aggregates may be seen: none that tells of fewer points of delivery than the rule says.

Primary: a value of fewer than `least`. Secondary, against differences within one answer and with the level above:
where the hidden groups of a parent (a country's cities, a city's streets) together have fewer than `least`, the
smallest shown group of the parent is hidden, too, until they have as many. It is decided for each time by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Group = tuple[str, ...]


def shown(groups: Sequence[Group], n: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
    """[n_groups, n_values] whether each value may be seen; `n`: its number of points of delivery."""
    visible = n >= least
    families: dict[Group, list[int]] = {}
    for at, group in enumerate(groups):
        families.setdefault(group[:-1], []).append(at)
    for parent, members in families.items():
        if parent:
            _complete(visible, n, np.array(members), least)
    return visible


def _complete(visible: NDArray[np.bool_], n: NDArray[np.int64], members: NDArray[np.int64], least: int) -> None:
    """Hide further members of a family where those hidden are too few together; ties by their order."""
    hidden = np.where(visible[members], 0, n[members]).sum(axis=0)
    for column in np.flatnonzero((hidden > 0) & (hidden < least)):
        count = int(hidden[column])
        seen = [at for at in members if visible[at, column]]
        for at in sorted(seen, key=lambda at: (n[at, column], at)):
            if count >= least:
                break
            visible[at, column] = False
            count += int(n[at, column])
