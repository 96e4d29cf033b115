"""Pictures, by how they begin. Whether one decodes is found out where a decoder may come to harm."""

from viewer.formats.document import Kind

SHOWN = {
    "image/png": Kind("png", "Picture", media_type="image/png"),
    "image/jpeg": Kind("jpg", "Picture", media_type="image/jpeg"),
    "image/gif": Kind("gif", "Picture", media_type="image/gif"),
    "image/webp": Kind("webp", "Picture", media_type="image/webp"),
}
"""What every browser draws, by libmagic's name."""
SVG = Kind("svg", "Drawing", media_type="image/svg+xml")
TIFF = Kind("tif", "Scan")
HEIC = Kind("heic", "Picture")
AVIF = Kind("avif", "Picture")
_CONVERTED = {
    "image/tiff": TIFF,
    "image/bmp": Kind("bmp", "Picture"),
    "image/x-ms-bmp": Kind("bmp", "Picture"),
    "image/vnd.microsoft.icon": Kind("ico", "Picture"),
    "image/x-icon": Kind("ico", "Picture"),
    "image/jp2": Kind("jp2", "Picture"),
    "image/vnd.adobe.photoshop": Kind("psd", "Picture"),
    "image/svg+xml": SVG,
}
PICTURE_KINDS = frozenset({"heic", "avif", "bmp", "ico", "jp2", "psd"})
"""Names of the kinds that become a PNG or JPEG picture."""

_BIG_TIFF = (b"II+\x00", b"MM\x00+")
_JPEG_2000_STREAM = b"\xff\x4f\xff\x51"
_BRAND_AT, _BRANDS_END = 8, 64
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


def picture_kind(head: bytes, media_type: str) -> Kind | None:
    """The kind of picture that the file begins as; None for anything else.

    Args:
        head: the file's first bytes.
        media_type: libmagic's word for them.
    """
    if head.startswith(_BIG_TIFF):
        return TIFF
    if head.startswith(_JPEG_2000_STREAM):
        return _CONVERTED["image/jp2"]
    return _by_brand(head) or SHOWN.get(media_type) or _CONVERTED.get(media_type)


def _by_brand(head: bytes) -> Kind | None:
    """Apple's and AOM's pictures are in the container of films (ISO/IEC 14496-12, 23008-12)."""
    if head[4:_BRAND_AT] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4], "big"), _BRANDS_END)
    brands = {head[at : at + 4] for at in range(_BRAND_AT, size, 4)}
    if brands & _AVIF_BRANDS:
        return AVIF
    return HEIC if head[_BRAND_AT : _BRAND_AT + 4] in _HEIC_BRANDS else None
