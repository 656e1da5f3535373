"""Reads: selects that return plain values."""
