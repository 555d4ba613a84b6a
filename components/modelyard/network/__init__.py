"""VPC, subnets, NAT, endpoints and flow logs; or a network that somebody else owns."""
