"""The words of a file, by other libraries than the viewer's and LibreOffice: for tests alone.

python-docx, openpyxl, python-pptx, python-oxmsg and python-calamine (MIT), lxml, xlrd, pypdf, striprtf and
olefile (BSD) read them. What none of them reads is not compared, and says so.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.corpus.extraction import messages, office_xml, old_office, open_document, plain
from tests.corpus.extraction.passage import Passage

__all__ = ["EXTRACTIONS", "Passage"]

_ODF = (
    "odt",
    "ott",
    "ods",
    "ots",
    "odp",
    "otp",
    "odg",
    "otg",
    "fodt",
    "fods",
    "fodp",
    "fodg",
    "sxw",
    "sxc",
    "sxi",
    "sxd",
)
_WORD = ("docx", "docm", "dotx", "dotm")
_EXCEL = ("xlsx", "xlsm", "xltx", "xltm")
_POWERPOINT = ("pptx", "pptm", "ppsx", "ppsm", "potx", "potm")
EXTRACTIONS: dict[str, Callable[[Path], Iterable[Passage]]] = {
    **dict.fromkeys(_WORD, office_xml.word),
    **dict.fromkeys(_EXCEL, office_xml.excel),
    **dict.fromkeys(_POWERPOINT, office_xml.powerpoint),
    **dict.fromkeys(_ODF, open_document.open_document),
    "doc": old_office.word_97,
    "xls": old_office.excel_97,
    "ppt": old_office.powerpoint_97,
    "rtf": old_office.rich_text,
    "xlsb": plain.excel_binary,
    "spreadsheetml": plain.excel_2003,
    "eml": messages.eml,
    "mbox": messages.mbox,
    "msg": messages.msg,
    "ics": messages.calendar,
    "vcf": messages.calendar,
    "html": messages.html,
    "mht": messages.mht,
    "txt": plain.text,
    "csv": plain.text,
    "json": plain.text,
    "xml": plain.text,
    "pdf": plain.pdf,
    "svg": plain.svg,
    "zip": plain.zip_names,
    "tar": plain.tar_names,
}
"""By the kind that the viewer tells."""
