"""Model servers in containers of this machine's Docker, for a demo. ``local_model_server`` alone imports Pulumi."""
