"""Documents that are made to slow, fill or stop what reads them: one for each parser and each pattern.

Each is a small function that gives bytes. `python -m tests.hostile` opens each one in a process with limits
on time and memory, and prints what it cost.
"""

from tests.hostile import fields, items, mails, markup, ole, pdfs, pictures, texts, zips
from tests.hostile.cases import ALL, Case

__all__ = ["ALL", "Case", "fields", "items", "mails", "markup", "ole", "pdfs", "pictures", "texts", "zips"]
