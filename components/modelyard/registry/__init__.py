"""Where container images and models are kept."""
