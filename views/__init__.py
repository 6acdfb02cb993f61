"""The desks: pages served by Panel's Tornado server. See README.md beside this file."""
