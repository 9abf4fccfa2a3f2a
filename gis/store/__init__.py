"""Export formats: layers written to files for other programs."""
