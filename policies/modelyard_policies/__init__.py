"""What a model-serving platform must hold to, as Pulumi policies.

The real engine runs them through ``policies/__main__.py``; ``modelyard plan`` runs the same objects on a recorded
resource graph. See docs/policies.md.
"""
