"""Migrations, one file per change, hand-read."""
