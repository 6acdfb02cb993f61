"""Metered values as numbers: files read and written, packed days, resampling, aggregation. Numpy stays in here."""
