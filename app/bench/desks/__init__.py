"""The desks under load: how fast pages open, scrub and hear news, what a session costs, and what must be nothing.

A product of its own is served from a new folder on free ports of this machine; Chromium and a hundred websockets
are its users.
"""
