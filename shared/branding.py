"""The council's branding: its colour and its logo, served as static files made from the settings."""

import hashlib
import mimetypes

from flask import Blueprint, Response

from shared.settings import ServiceSettings
from shared.static_files import IMMUTABLE

_DARK_TEXT, _LIGHT_TEXT = "#0b0c0c", "#ffffff"
_LINEAR_LIMIT = 0.03928  # WCAG 2.2, definition of relative luminance


def theme(colour: str) -> str:
    """A style sheet with the council's colour, and black or white text, whichever has the better contrast."""
    text = max((_LIGHT_TEXT, _DARK_TEXT), key=lambda candidate: contrast(candidate, colour))
    return f":root {{ --council-colour: {colour}; --council-text: {text}; }}\n"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours written as #rrggbb, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _LINEAR_LIMIT else ((channel + 0.055) / 1.055) ** 2.4


def serve_branding(blueprint: Blueprint, settings: ServiceSettings) -> dict[str, str | None]:
    """Add the routes `theme` and `logo` to the blueprint, and return their paths.

    A path contains the digest of its content, so that browsers may cache it for a year.

    Raises:
        OSError: the logo cannot be read.
    """
    sheet = theme(settings.council_colour).encode()
    theme_path = _serve(blueprint, "theme", sheet, "text/css; charset=utf-8")
    logo = settings.council_logo_file
    if logo is None:
        return {"theme": theme_path, "logo": None}
    media_type = mimetypes.guess_type(logo.name)[0] or "application/octet-stream"
    return {"theme": theme_path, "logo": _serve(blueprint, "logo", logo.read_bytes(), media_type)}


def _serve(blueprint: Blueprint, name: str, body: bytes, media_type: str) -> str:
    path = f"/shared-static/{name}-{hashlib.sha256(body).hexdigest()[:12]}"

    def serve() -> Response:
        return Response(body, content_type=media_type, headers={"Cache-Control": IMMUTABLE})

    blueprint.add_url_rule(path, endpoint=name, view_func=serve)
    return path
