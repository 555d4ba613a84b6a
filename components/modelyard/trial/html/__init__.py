"""A trial as one self-contained page."""
