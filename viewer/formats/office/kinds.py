"""Kinds of office files in containers (OLE and zip), each with the import filter that must read it."""

from viewer.formats.document import Kind

_WORD, _EXCEL, _POWERPOINT = "Word document", "Excel spreadsheet", "PowerPoint presentation"
_VISIO, _TEXT, _SPREADSHEET = "Visio drawing", "Text document", "Spreadsheet"
_PRESENTATION, _DRAWING = "Presentation", "Drawing"
MAX_SHEET_PAGES = 1000
"""Longer spreadsheets are shown up to here, with a note."""


def _word(name: str) -> Kind:
    return Kind(name, _WORD, import_filter="MS Word 2007 XML")


def _excel(name: str) -> Kind:
    return Kind(name, _EXCEL, import_filter="Calc MS Excel 2007 XML", cut_after=MAX_SHEET_PAGES)


def _powerpoint(name: str) -> Kind:
    return Kind(name, _POWERPOINT, import_filter="Impress MS PowerPoint 2007 XML")


WORD_97 = Kind("doc", _WORD, import_filter="MS Word 97", other_filters=("MS Word 95",))
WORD_95 = Kind("doc", _WORD, import_filter="MS Word 95", other_filters=("MS WinWord 6.0", "MS Word 97"))
WORD_2 = Kind("doc", _WORD, import_filter="MS WinWord 5")
EXCEL_97 = Kind(
    "xls", _EXCEL, import_filter="MS Excel 97", other_filters=("MS Excel 95",), cut_after=MAX_SHEET_PAGES
)
EXCEL_95 = Kind(
    "xls", _EXCEL, import_filter="MS Excel 95", other_filters=("MS Excel 97",), cut_after=MAX_SHEET_PAGES
)
EXCEL_4 = Kind(
    "xls", _EXCEL, import_filter="MS Excel 4.0", other_filters=("MS Excel 97",), cut_after=MAX_SHEET_PAGES
)
POWERPOINT_97 = Kind("ppt", _POWERPOINT, import_filter="MS PowerPoint 97", other_filters=("PowerPoint 3",))
POWERPOINT_4 = Kind("ppt", _POWERPOINT, import_filter="PowerPoint 3")
"""PowerPoint 2 to 4. LibreOffice names the filter for the one in the middle; it reads 95 too."""
VISIO = Kind("vsd", _VISIO, import_filter="Visio Document")
PUBLISHER = Kind("pub", "Publisher document", import_filter="Publisher Document")
WORKS = Kind("wps", "Works document", import_filter="MS_Works")
WORDPERFECT = Kind("wpd", "WordPerfect document", import_filter="WordPerfect")
IN_OLE = {
    "WordDocument": WORD_97,
    "Workbook": EXCEL_97,
    "Book": EXCEL_95,
    "PowerPoint Document": POWERPOINT_97,
    "PP40": POWERPOINT_4,
    "VisioDocument": VISIO,
    "Quill/QuillSub/CONTENTS": PUBLISHER,
    "\x03Internal": PUBLISHER,
    "PerfectOffice_MAIN": WORDPERFECT,
    "MatOST": WORKS,
    "MN0": WORKS,
    "CONTENTS": WORKS,
}
"""By the stream that holds the document."""
IWORK = Kind(
    "iwork",
    "Pages, Numbers or Keynote document",
    import_filter="Apple Pages",
    other_filters=("Apple Numbers", "Apple Keynote"),
)
"""Nothing in the containers of the newer ones tells the three apart. One with a preview is shown by that."""

OOXML = {
    b"wordprocessingml.document.main+xml": _word("docx"),
    b"wordprocessingml.template.main+xml": _word("dotx"),
    b"ms-word.document.macroenabled.main+xml": _word("docm"),
    b"ms-word.template.macroenabledtemplate.main+xml": _word("dotm"),
    b"spreadsheetml.sheet.main+xml": _excel("xlsx"),
    b"spreadsheetml.template.main+xml": _excel("xltx"),
    b"ms-excel.sheet.macroenabled.main+xml": _excel("xlsm"),
    b"ms-excel.template.macroenabled.main+xml": _excel("xltm"),
    b"ms-excel.sheet.binary.macroenabled.main": Kind(
        "xlsb", _EXCEL, import_filter="Calc MS Excel 2007 Binary", cut_after=MAX_SHEET_PAGES
    ),
    b"presentationml.presentation.main+xml": _powerpoint("pptx"),
    b"presentationml.slideshow.main+xml": _powerpoint("ppsx"),
    b"presentationml.template.main+xml": _powerpoint("potx"),
    b"ms-powerpoint.presentation.macroenabled.main+xml": _powerpoint("pptm"),
    b"ms-powerpoint.slideshow.macroenabled.main+xml": _powerpoint("ppsm"),
    b"ms-powerpoint.template.macroenabled.main+xml": _powerpoint("potm"),
    b"ms-visio.drawing.main+xml": Kind("vsdx", _VISIO, import_filter="Visio Document"),
    b"ms-visio.drawing.macroenabled.main+xml": Kind("vsdm", _VISIO, import_filter="Visio Document"),
}
"""By the content type of the main part, in lower case, without its beginning."""
OOXML_BY_PART = {
    "word/document.xml": _word("docx"),
    "xl/workbook.xml": _excel("xlsx"),
    "xl/workbook.bin": OOXML[b"ms-excel.sheet.binary.macroenabled.main"],
    "ppt/presentation.xml": _powerpoint("pptx"),
    "visio/document.xml": OOXML[b"ms-visio.drawing.main+xml"],
}
"""By the main part's usual name, where the content types do not tell."""
_ODF_START = b"application/vnd.oasis.opendocument."
_ODF = {
    b"text": Kind("odt", _TEXT, import_filter="writer8"),
    b"text-template": Kind("ott", _TEXT, import_filter="writer8_template", other_filters=("writer8",)),
    b"spreadsheet": Kind("ods", _SPREADSHEET, import_filter="calc8", cut_after=MAX_SHEET_PAGES),
    b"spreadsheet-template": Kind(
        "ots",
        _SPREADSHEET,
        import_filter="calc8_template",
        other_filters=("calc8",),
        cut_after=MAX_SHEET_PAGES,
    ),
    b"presentation": Kind("odp", _PRESENTATION, import_filter="impress8"),
    b"presentation-template": Kind(
        "otp", _PRESENTATION, import_filter="impress8_template", other_filters=("impress8",)
    ),
    b"graphics": Kind("odg", _DRAWING, import_filter="draw8"),
    b"graphics-template": Kind("otg", _DRAWING, import_filter="draw8_template", other_filters=("draw8",)),
}
"""By what follows `_ODF_START` in the part `mimetype`."""
_STAROFFICE_START = b"application/vnd.sun.xml."
_STAROFFICE = {
    b"writer": Kind("sxw", _TEXT, import_filter="StarOffice XML (Writer)"),
    b"calc": Kind("sxc", _SPREADSHEET, import_filter="StarOffice XML (Calc)", cut_after=MAX_SHEET_PAGES),
    b"impress": Kind("sxi", _PRESENTATION, import_filter="StarOffice XML (Impress)"),
    b"draw": Kind("sxd", _DRAWING, import_filter="StarOffice XML (Draw)"),
}
"""What OpenDocument grew from; by what follows `_STAROFFICE_START` in the part `mimetype`."""
BY_MEDIA_TYPE = {
    **{_ODF_START + name: kind for name, kind in _ODF.items()},
    **{_STAROFFICE_START + name: kind for name, kind in _STAROFFICE.items()},
}
"""By the whole media type of an OpenDocument or StarOffice file."""
CONTAINED = frozenset(
    kind.name
    for kind in (
        *(WORD_97, EXCEL_97, POWERPOINT_97, VISIO, PUBLISHER, WORKS, WORDPERFECT, IWORK),
        *OOXML.values(),
        *BY_MEDIA_TYPE.values(),
    )
)
"""Names of the kinds that are told apart here."""
