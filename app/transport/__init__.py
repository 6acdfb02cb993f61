"""Messages between the market place and platforms, on both lines; docs/messages.md tells of them.

`sending` stores a message in the caller's transaction, the courier sends what is stored, `receiving` carries out
what comes once. Correspondents are other systems: where they are, and our key there.
"""
