"""Descriptions: a rendition's values as JSON, as they are kept beside its bytes or instead of them."""

import json
from dataclasses import asdict

from viewer.documents import Part, Rendition, Show


def encoded(rendition: Rendition) -> bytes:
    """The description of the rendition."""
    return json.dumps(asdict(rendition)).encode()


def decoded(description: bytes | str) -> Rendition | None:
    """The rendition of a description; None where that is damaged or of another version."""
    try:
        fields = json.loads(description)
        parts = tuple(Part(**part) for part in fields["parts"])
        return Rendition(
            **{**fields, "show": Show(fields["show"]), "notes": tuple(fields["notes"]), "parts": parts}
        )
    except (ValueError, LookupError, TypeError):
        return None
