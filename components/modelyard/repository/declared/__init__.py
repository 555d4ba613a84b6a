"""What a user declares in ``model.yaml``; one file a noun. The names are those of Triton's ModelConfig."""
