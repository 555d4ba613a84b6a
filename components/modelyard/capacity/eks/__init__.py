"""Parts of an EKS cluster, one file each."""
