"""Azure Kubernetes Service: clusters and agent pools."""
