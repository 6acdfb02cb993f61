"""The desks' pages: each a function that takes a `PageContext` and returns the main content of the shell."""
