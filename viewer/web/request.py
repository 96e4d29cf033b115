"""What a request asks for and who asks, read in one place for pages, scripts, the API and problem pages."""

import re
from typing import Any, cast

from flask import g, request

from shared.actor import Actor
from shared.document_ref import PART, PERSON_ID, DocumentRef
from shared.request_logging import request_id
from viewer.errors import BadParameter, LinkMalformed


def actor() -> Actor:
    """Who makes the current request; there on every route that is not public."""
    return cast("Actor", g.actor)


def actor_or_none() -> Actor | None:
    """The same; None where nobody has signed in, or the request is for a public route."""
    return cast("Actor | None", g.get("actor"))


def asked_document(*, strict: bool) -> DocumentRef:
    """The document that the address of the current request names, or the part of it.

    Args:
        strict: whether a malformed Mosaic person is an error, as programs want it. Pages drop it, since the
            document is what matters.

    Raises:
        LinkMalformed: the address names no document, or no part that there could be.
        BadParameter: with `strict`, a parameter is malformed or given twice.
    """
    ref = _read(strict=strict)
    if ref is None or (ref.part is None and "part" in request.args):
        raise LinkMalformed
    return about(ref)


def about(ref: DocumentRef) -> DocumentRef:
    """Remember which document the current request is about, for its problem page."""
    g.ref = ref
    return ref


def named_document() -> DocumentRef | None:
    """The document that the current request is about, as far as it names one; it never fails.

    For records and problem pages: whatever is malformed is left out.
    """
    return cast("DocumentRef", g.ref) if "ref" in g else _read(strict=False)


def arguments(ref: DocumentRef) -> dict[str, Any]:
    """What names the document in the address of its page, and of all that the page asks for."""
    return {"source": ref.source, "document_id": ref.id} | ref.query(request_id())


def _read(*, strict: bool) -> DocumentRef | None:
    named = request.view_args or {}
    person, part = _parameter("person", PERSON_ID, strict=strict), _parameter("part", PART, strict=strict)
    try:
        return DocumentRef(named["source"], named["document_id"], person, part)
    except (KeyError, ValueError):
        return None


def _parameter(name: str, form: re.Pattern[str], *, strict: bool) -> str | None:
    values = request.args.getlist(name)
    if strict and (len(values) > 1 or not all(form.fullmatch(value) for value in values)):
        raise BadParameter(name)
    return values[0] if values and form.fullmatch(values[0]) else None
