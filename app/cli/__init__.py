"""The commands of launch.py, one module each: `add_arguments(parser)` and `run(arguments) -> Exit`.

Only the standard library is imported at the top of these modules, so that help and mistakes are quick.
"""
