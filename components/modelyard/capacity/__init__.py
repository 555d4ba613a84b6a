"""Clusters, their nodes and GPU node pools."""
