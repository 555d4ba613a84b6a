"""Replicas of a served model: one autoscaler for every runtime."""
