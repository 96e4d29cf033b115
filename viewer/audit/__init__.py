"""The record of who saw what, and what governance does with it: search, export, verify, prune."""

from viewer.audit.record import Audit, Entry, Outcome
from viewer.audit.tables import audit_table

__all__ = ["Audit", "Entry", "Outcome", "audit_table"]
