"""The only place where documents, Decimals and the engine's arrays meet. Pure functions; every translation
stands beside its inverse; rounding happens here and nowhere else."""
