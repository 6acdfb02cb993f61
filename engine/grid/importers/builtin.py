"""pandapower's built-in networks by name: those that its package makes itself, without arguments.

Left out are networks above `BUSES_MAX` and those feeders whose cables pandapower draws by lot, anew each time.
"""

from __future__ import annotations

from engine.grid.importers.pandapower import GridImport, grid_from_pandapower
from engine.status import Finding, InvalidInput

NAMES = (
    *("GBnetwork", "GBreducednetwork", "case118", "case11_iwamoto", "case1354pegase", "case14", "case145"),
    *("case1888rte", "case24_ieee_rts", "case2848rte", "case2869pegase", "case30", "case300", "case33bw"),
    *("case39", "case4gs", "case5", "case57", "case6ww", "case89pegase", "case9", "case_ieee30"),
    *("case_illinois200", "create_cigre_network_hv", "create_cigre_network_lv", "create_cigre_network_mv"),
    *("create_kerber_landnetz_freileitung_1", "create_kerber_landnetz_freileitung_2"),
    *("create_synthetic_voltage_control_lv_network", "example_multivoltage", "example_simple"),
    *("four_loads_with_branches_out", "iceland", "kb_extrem_landnetz_freileitung"),
    *("kb_extrem_landnetz_freileitung_trafo", "lv_schutterwald", "mv_oberrhein", "panda_four_load_branch"),
    *("simple_four_bus_system", "simple_mv_open_ring_net"),
)


def builtin_grid(name: str) -> GridImport:
    """A built-in network. Raises InvalidInput for another name or what cannot be imported."""
    if name not in NAMES:
        sentence = f"pandapower has no built-in network '{name[:80]}' that can be read here."
        raise InvalidInput((Finding("grid.source", "unknown_source", sentence),))
    import pandapower.networks

    return grid_from_pandapower(getattr(pandapower.networks, name)())
