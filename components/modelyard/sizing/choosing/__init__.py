"""Where and how a model is cheapest to run under its traffic: always on, autoscaled, serverless, or scaled to zero."""
