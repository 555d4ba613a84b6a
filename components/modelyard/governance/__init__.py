"""Who owns what: ownership in tags and labels, encryption keys, identities, physical names."""
