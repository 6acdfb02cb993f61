"""Figures: pure functions from plain data to Bokeh models. No param, Panel, app or domain here."""
