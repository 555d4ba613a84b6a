"""What the managed services of three clouds have in common, as plain values: no Pulumi, no SDK."""
