"""What the outermost layer does, apart from the order in which it does it."""
