"""The public map as pages."""
