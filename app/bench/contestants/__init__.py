"""Programs that solve case files for the benchmark, one module each, run as `python -m` in its own environment.

A peer's module imports only the standard library, numpy, its own solver, `protocol` and `flat_grid`.
"""
