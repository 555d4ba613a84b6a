"""The ``modelyard`` command."""
