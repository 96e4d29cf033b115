"""Unstored renditions: those that were made and could not be kept, because the store is full or unavailable.

Their descriptions are rows in the audit database, so that every viewer can tell a waiting page that its
document is ready. Their bytes are made again for each reader (`Pipeline.content`).
"""

from sqlalchemy import Column, Double, String, Table, Text, bindparam, delete, select

from viewer.audit.database import Database
from viewer.audit.dialects import Now, insert_into
from viewer.audit.tables import metadata
from viewer.documents import Rendition
from viewer.opening.descriptions import decoded, encoded

UNSTORED_SECONDS = 600
"""How long a description is kept: twice as long as the longest `LINK_SECONDS`."""

unstored_table = Table(
    "unstored_renditions",
    metadata,
    Column("key", String(97), primary_key=True),
    Column("description", Text, nullable=False),
    Column("made", Double, nullable=False),
)
"""`made` is in seconds since 1970."""
columns = unstored_table.c

_IS_RECENT = columns.made.between(Now() - UNSTORED_SECONDS, Now() + UNSTORED_SECONDS)
_DESCRIPTION = select(columns.description).where(columns.key == bindparam("of", type_=String), _IS_RECENT)


class UnstoredRenditions:
    """Stores and looks up the descriptions of renditions that could not be kept.

    Every method raises `AuditUnavailable` when the database cannot be read or written.
    """

    def __init__(self, database: Database) -> None:
        """Use the database that all viewers share."""
        self._database = database

    def add(self, rendition: Rendition) -> None:
        """Keep the description; an earlier one of the same rendition is replaced."""
        new = {"description": encoded(rendition).decode(), "made": Now()}
        with self._database.write_volatile() as connection:
            insert = insert_into(connection, unstored_table).values(key=rendition.key, **new)
            changed = {name: insert.excluded[name] for name in new}
            connection.execute(insert.on_conflict_do_update(index_elements=[columns.key], set_=changed))

    def find(self, key: str) -> Rendition | None:
        """The rendition, where it was made a short time ago and could not be kept."""
        with self._database.read() as connection:
            description = connection.execute(_DESCRIPTION, {"of": key}).scalar()
        return decoded(description) if description else None

    def sweep(self) -> int:
        """Delete old descriptions and return their number. Several processes may do so at the same time."""
        with self._database.write_volatile() as connection:
            return connection.execute(delete(unstored_table).where(~_IS_RECENT)).rowcount
