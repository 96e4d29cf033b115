"""The sample documents: their numbers, kinds and titles, as the demo's Mosaic page lists them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One document of the invented case file.

    Args:
        id: its number in the demo's eDocs.
        extension: lower case, without the dot.
        title: as in the case file.
        added: the day it was added, as the page shows it.
        note: what the viewer is expected to do with it.
    """

    id: int
    extension: str
    title: str
    added: str
    note: str = "Shown"

    @property
    def file_name(self) -> str:
        """As the demo's eDocs stores it."""
        return f"{self.id}.{self.extension}"


REFERRAL = Sample(1001, "docx", "Referral from Springfield Primary School", "4 March 2026")
REFERRAL_DOC = Sample(1002, "doc", "Referral, as first sent", "4 March 2026")
BUDGET = Sample(1003, "xlsx", "Care package costs", "9 March 2026")
BUDGET_XLS = Sample(1004, "xls", "Care package costs, last year", "11 April 2025")
PLAN = Sample(1005, "pptx", "Family group conference: slides", "16 March 2026")
PLAN_PPT = Sample(1006, "ppt", "Family group conference: slides of 2025", "2 June 2025")
VISIT = Sample(1007, "odt", "Home visit notes", "18 March 2026")
LETTER = Sample(1008, "rtf", "Letter to the family", "20 March 2026")
CONTACTS = Sample(1009, "csv", "Contacts of the network", "20 March 2026")
CALL = Sample(1010, "txt", "Telephone call", "23 March 2026")
ASSESSMENT = Sample(1011, "pdf", "Assessment, signed", "27 March 2026")
DRAWING = Sample(1012, "png", "Drawing of the household", "27 March 2026")
PHOTO = Sample(1013, "jpg", "Photograph of the kitchen", "30 March 2026")
STAMP = Sample(1014, "gif", "Stamp of receipt", "30 March 2026")
MAP = Sample(1015, "webp", "Way to the nursery", "31 March 2026")
CHRONOLOGY = Sample(1016, "docx", "Chronology, 300 pages", "1 April 2026", "Shown, after a few seconds")
LOCKED = Sample(1017, "docx", "Police disclosure, locked", "2 April 2026", "Refused: needs a password")
LOCKED_PDF = Sample(1018, "pdf", "Bank statements, locked", "2 April 2026", "Refused: needs a password")
DAMAGED = Sample(1019, "docx", "Review form, damaged", "7 April 2026", "Refused: damaged")
ARCHIVE = Sample(1020, "zip", "Photographs, in an archive", "8 April 2026", "Listed; each file opens")
EMPTY = Sample(1021, "docx", "Meeting notes, empty", "9 April 2026", "Refused: empty")
RECORDING = Sample(1022, "wav", "Recorded message", "9 April 2026", "Played")
COURT_BUNDLE = Sample(1040, "zip", "Court bundle", "9 April 2026", "Listed; each file opens")
PROGRAM = Sample(
    1041, "exe", "Program from a memory stick", "9 April 2026", "Refused: not a kind of file to be shown"
)
STATEMENTS = Sample(1042, "pdf", "Statement with exhibits", "10 April 2026", "Shown, with its attachments")
DELETED = Sample(1099, "docx", "Deleted document", "10 April 2026", "Not found")

SAMPLES = (
    REFERRAL,
    REFERRAL_DOC,
    BUDGET,
    BUDGET_XLS,
    PLAN,
    PLAN_PPT,
    VISIT,
    LETTER,
    CONTACTS,
    CALL,
    ASSESSMENT,
    DRAWING,
    PHOTO,
    STAMP,
    MAP,
    CHRONOLOGY,
    LOCKED,
    LOCKED_PDF,
    DAMAGED,
    ARCHIVE,
    EMPTY,
    RECORDING,
    COURT_BUNDLE,
    PROGRAM,
    STATEMENTS,
)
"""Every document that has a file."""
