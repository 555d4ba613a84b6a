"""Clusters of one's own that Azure Arc knows."""
