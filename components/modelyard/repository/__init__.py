"""Triton model repositories: declared or written by hand, built, checked and written. Pure; imports no Pulumi."""
