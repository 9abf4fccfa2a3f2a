"""The user's own files and publishers' files supplied by the user: mappings, rows, accounts, and removal."""
