"""A canary beside the stable version of a model, whatever serves them."""
