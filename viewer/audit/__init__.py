"""The audit: the record of who saw what, and its search, export, verification and pruning."""

from viewer.audit.record import Audit, Entry, Outcome
from viewer.audit.tables import audit_table

__all__ = ["Audit", "Entry", "Outcome", "audit_table"]
