"""`modelyard try`: the real server with the repository that would be deployed, measured."""
