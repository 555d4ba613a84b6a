"""The Kubernetes side of a plan as files, for GitOps and for reading."""
