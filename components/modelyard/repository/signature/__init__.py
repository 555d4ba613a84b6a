"""Signatures of models, read from what is already there instead of typed again."""
