"""From an objective and a latency profile to batches and replicas: pure functions, each assumption written down."""
