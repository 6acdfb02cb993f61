"""Loadings of all branches over many steps, by squares and in chunks, for the branches that have a limit."""

from __future__ import annotations

import numpy as np

from engine.grid.chunks import chunks
from engine.grid.network import BASE_MVA, Complexes, Network
from engine.reading import Floats


def loading_percent(network: Network, v: Complexes) -> Floats:
    """[n_steps, n_branch] of the tighter limit at the worse end, 0 without a limit, NaN where v has none."""
    limited = np.flatnonzero(np.isfinite(network.max_i_from_ka) | np.isfinite(network.max_s_mva))
    # Per end: its bus, its admittances, and the square of the loading that 1 pu of current makes.
    max_s_pu = network.max_s_mva[limited] / BASE_MVA
    ends = [
        (bus[limited], y[limited].T[:, :, None], (ka / max_ka)[limited, None] ** 2)
        for bus, y, ka, max_ka in (
            (network.from_bus, network.y_from, network.i_from_ka, network.max_i_from_ka),
            (network.to_bus, network.y_to, network.i_to_ka, network.max_i_to_ka),
        )
    ]
    by_power = np.isfinite(max_s_pu).any()
    loading = np.zeros((len(v), len(network.branch_ids)))
    for steps in chunks(len(v), v.shape[1]):
        across = np.ascontiguousarray(v[steps].T)
        at_from, at_to = across[network.from_bus[limited]], across[network.to_bus[limited]]
        worst = np.zeros(at_from.shape)
        for bus, y, share in ends:
            current = at_from * y[0]
            current += at_to * y[1]
            square = current.real**2 + current.imag**2
            np.fmax(worst, square * share, out=worst)
            if by_power:
                at = across[bus]
                square *= (at.real**2 + at.imag**2) / max_s_pu[:, None] ** 2
                np.fmax(worst, square, out=worst)
        worst[:, np.isnan(across[network.coupling])] = np.nan
        loading[steps, limited] = 100.0 * np.sqrt(worst).T
    return loading
