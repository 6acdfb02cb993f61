"""The market's own words: plain Python, exact numbers, UTC instants, no I/O.

One sign everywhere: positive power is upward flexibility, that is more injection or less consumption.
"""
