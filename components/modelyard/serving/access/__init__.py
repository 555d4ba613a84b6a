"""Who may ask a model through the gateway, how often and with how much: objects of Envoy Gateway."""
