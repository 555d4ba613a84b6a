"""Prices of machines from each cloud's own API, in the form of the catalogue's table.

Nothing of a plan imports this: ``modelyard catalog refresh`` does, and needs a network.
"""
