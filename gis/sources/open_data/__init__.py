"""National open sources: what each brings, how it is asked for, and how its files are read."""
