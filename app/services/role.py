"""Roles: what administrators make of them, within the separations."""

from app.services.role_sync import diff_of, diff_roles, sync_roles

__all__ = ["diff_of", "diff_roles", "sync_roles"]
