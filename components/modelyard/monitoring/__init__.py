"""Metrics of models and GPUs, and the alerts that follow from them."""
