"""What a user declares: one file a noun, pydantic models with unknown keys refused. Imports no pulumi."""
