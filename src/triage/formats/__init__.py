"""Files into plain cells and values, and back; nothing here knows what they mean."""
