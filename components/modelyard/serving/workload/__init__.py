"""What every server whose Deployment is ours shares: the objects around its pods. A runtime adds its ``Server``."""
