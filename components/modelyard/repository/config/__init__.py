"""From declarations to Triton's ModelConfig; one file a section of it. Pure."""
