"""Pools of Karpenter and of EKS Auto Mode, one file a noun."""
