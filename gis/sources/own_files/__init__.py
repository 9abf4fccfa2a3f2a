"""Files of one's own, and publishers' files that a person has: proposed mappings, rows, accounts, forgetting."""
