"""Clusters and pools of Google Kubernetes Engine, one file a noun."""
