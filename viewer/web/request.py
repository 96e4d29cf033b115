"""Reads the document and the person of a request, for pages, scripts, the API and problem pages."""

import re
from typing import Any, cast

from flask import g, request

from shared.actor import Actor
from shared.document_ref import PART, PERSON_ID, DocumentRef
from shared.request_logging import request_id
from viewer.errors import BadParameter, LinkMalformed


def actor() -> Actor:
    """The person who makes the current request; available on every route that is not public."""
    return cast("Actor", g.actor)


def actor_or_none() -> Actor | None:
    """The person who makes the current request; None without sign-in and on public routes."""
    return cast("Actor | None", g.get("actor"))


def requested_document(*, strict: bool) -> DocumentRef:
    """The document, or the part of one, that the address of the current request names.

    Args:
        strict: whether a malformed Mosaic person id is an error, as for programs. Pages ignore a malformed
            id.

    Raises:
        LinkMalformed: the address names no document, or a malformed part.
        BadParameter: with `strict`, a parameter is malformed or given twice.
    """
    ref = _read(strict=strict)
    if ref is None or (ref.part is None and "part" in request.args):
        raise LinkMalformed
    return remember_document(ref)


def remember_document(ref: DocumentRef) -> DocumentRef:
    """Store the current request's document for its problem page, and return it."""
    g.ref = ref
    return ref


def document_or_none() -> DocumentRef | None:
    """The current request's document for audit entries and problem pages; None where it names none.

    It never raises: malformed parameters are left out.
    """
    return cast("DocumentRef", g.ref) if "ref" in g else _read(strict=False)


def url_arguments(ref: DocumentRef) -> dict[str, Any]:
    """The arguments of `url_for` that name the document in its addresses."""
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
