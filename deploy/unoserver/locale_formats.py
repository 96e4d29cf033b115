"""Date and currency formats of the readers' locale, taken from the running LibreOffice."""

import re
from typing import Any

import uno

# isort: split
from com.sun.star.lang import Locale

_DATE = 2
"""com.sun.star.util.NumberFormat."""
_SOME_DAY = 43_529.0
"""5 March 2019, in days since the end of 1899: one that tells days from months."""
_EXCEL_2003 = "MS Excel 2003 XML Orcus"
_NAMED = {
    b"Short Date": "DATE_SYS_DDMMYYYY",
    b"General Date": "DATETIME_SYS_DDMMYYYY_HHMMSS",
    b"Long Date": "DATE_SYS_DMMMMYYYY",
    b"Currency": "CURRENCY_1000DEC2_RED",
}
"""Formats that Excel's XML of 2003 has by name; LibreOffice reads them as those of the United States."""
_NAME = re.compile(rb"""(?<=Format=["'])(?:%s)(?=["'])""" % b"|".join(_NAMED))
_XML = {"&": "&amp;", "<": "&lt;", '"': "&quot;", "'": "&apos;"}


class LocaleMismatch(Exception):
    """The office does not know the locale that it was given, or writes dates as another country does."""


class LocaleFormats:
    """The formats that LibreOffice uses where a document names no locale."""

    def __init__(self, context: Any, locale: str) -> None:
        """Prepare; nothing is asked yet.

        Args:
            context: the office's component context.
            locale: language and country, such as ``en-GB``.
        """
        self._context = context
        self._locale = locale
        self._supplier = self._service("com.sun.star.util.NumberFormatsSupplier")

    def require(self) -> None:
        """Check that LibreOffice knows the locale and writes dates as it does.

        Raises:
            LocaleMismatch: it does not.
        """
        language, *_, country = self._locale.split("-")
        wanted = Locale(Language=language, Country=country)
        known = self._service("com.sun.star.i18n.LocaleData2").getLanguageCountryInfo(wanted)
        formatter = self._service("com.sun.star.util.NumberFormatter")
        formatter.attachNumberFormatsSupplier(self._supplier)
        keys = [self._supplier.NumberFormats.getStandardFormat(_DATE, of) for of in (Locale(), wanted)]
        own, as_wanted = (formatter.convertNumberToString(key, _SOME_DAY) for key in keys)
        if (known.Language, known.Country) != (language, country) or own != as_wanted:
            raise LocaleMismatch(f"this LibreOffice does not write dates as {self._locale} does")

    def with_local_formats(self, document: bytes, import_filter: str) -> bytes:
        """The document, with named formats replaced by the format codes of the locale."""
        if import_filter != _EXCEL_2003:
            return document
        return _NAME.sub(lambda found: self._code(found[0]), document)

    def _code(self, name: bytes) -> bytes:
        formats = self._supplier.NumberFormats
        index = uno.getConstantByName(f"com.sun.star.i18n.NumberFormatIndex.{_NAMED[name]}")
        code = formats.getByKey(formats.getFormatIndex(index, Locale())).FormatString
        return "".join(_XML.get(letter, letter) for letter in code).encode("ascii", "xmlcharrefreplace")

    def _service(self, name: str) -> Any:
        return self._context.ServiceManager.createInstanceWithContext(name, self._context)
