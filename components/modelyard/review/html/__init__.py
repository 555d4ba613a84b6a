"""The plan document as one HTML file that asks nothing of the network."""
