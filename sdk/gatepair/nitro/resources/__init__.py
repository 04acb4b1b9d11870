"""Typed NITRO resources, one module per subject."""
