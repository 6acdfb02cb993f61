"""Clients of the market's interfaces, for programs of participants; nothing of the product is behind them."""
