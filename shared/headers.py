"""Security headers of every response of every service."""

from flask import Flask, Response

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Everything comes from this origin, without inline scripts or styles; PDF.js 6 works under this policy."""

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
STRICT_TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"
"""Two years, as browsers' preload lists require."""


def security_headers(*, production: bool) -> dict[str, str]:
    """The default headers of every response; a view may set others."""
    strict = {"Strict-Transport-Security": STRICT_TRANSPORT_SECURITY} if production else {}
    return SECURITY_HEADERS | strict | {"Cache-Control": "no-store"}


def set_security_headers(app: Flask, *, production: bool) -> None:
    """Set the security headers on every response, and `no-store` where the view set no Cache-Control."""
    always = security_headers(production=production)

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in always.items():
            response.headers.setdefault(name, value)
        return response
