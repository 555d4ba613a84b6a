"""Servers of models, one folder a runtime."""
