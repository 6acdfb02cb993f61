"""The EU Market Place for data services (FLEXICIENCY D2.3): what it and the players' platforms speak of."""
