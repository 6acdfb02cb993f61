"""A company's platform: what it asks of other players, what it answers, and what it provides."""
