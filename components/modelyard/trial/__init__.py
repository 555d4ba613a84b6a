"""``modelyard try``: the real server on this machine, with the repository that would be deployed."""
