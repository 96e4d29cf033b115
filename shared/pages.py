"""The shared parts of both services' pages: templates, styles, and the values that every page shows.

It adds or replaces these endpoints, all without personal data: `static`, and `static`, `theme` and `logo` of
`shared_pages`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, url_for
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from shared.branding import serve_branding
from shared.settings import ROOT, ServiceSettings
from shared.static_files import StaticFiles

_SHARED = "shared:"


def use_pages(app: Flask, settings: ServiceSettings) -> None:
    """Let the app's templates use the shared ones.

    The app's own templates come first, then `shared/templates`. An undefined name in a template is an error.
    Templates may call `asset` and `component`, and use the values of `_values` and `modules`, which are the
    file names of the app's own scripts.
    """
    app.jinja_env.undefined = StrictUndefined
    own = _serve_own_files(app)
    shared, council = _serve_shared_files(app, settings)

    def asset(name: str) -> str:
        """The versioned URL of a file such as `viewer.js`, `shared:site.css` or `vendor/pdfjs/LICENSE`."""
        endpoint, files = ("shared_pages.static", shared) if name.startswith(_SHARED) else ("static", own)
        filename = files.versioned(name.removeprefix(_SHARED))
        return url_for(endpoint, filename=filename, version=files.version_of(filename))

    app.jinja_env.globals.update(asset=asset, component=_component_renderer(), modules=own.modules)
    values = _values(settings, council)
    app.context_processor(lambda: values)


def _serve_own_files(app: Flask) -> StaticFiles:
    files = StaticFiles(Path(app.root_path) / "static")
    app.view_functions["static"] = files.serve
    app.add_url_rule(f"{app.static_url_path}/v-<version>/<path:filename>", endpoint="static")
    return files


def _serve_shared_files(app: Flask, settings: ServiceSettings) -> tuple[StaticFiles, dict[str, str | None]]:
    files = StaticFiles(ROOT / "static")
    blueprint = Blueprint("shared_pages", __name__, template_folder=str(ROOT / "templates"))
    blueprint.add_url_rule("/shared-static/<path:filename>", endpoint="static", view_func=files.serve)
    blueprint.add_url_rule(
        "/shared-static/v-<version>/<path:filename>", endpoint="static", view_func=files.serve
    )
    council = serve_branding(blueprint, settings)
    app.register_blueprint(blueprint)
    return files, council


def _values(settings: ServiceSettings, council: dict[str, str | None]) -> dict[str, str | None]:
    """The values that every page may show; a service with sign-in replaces the last two."""
    address = settings.feedback_address
    return {
        "theme_url": council["theme"],
        "logo_url": council["logo"],
        "feedback_address": f"mailto:{address}" if address and "@" in address else address,
        "council_name": settings.council_name,
        "support_contact": settings.support_contact,
        "myoffice_name": settings.myoffice_name,
        "myoffice_url": settings.myoffice_url,
        "person_email": None,
        "sign_out_url": None,
    }


def _component_renderer() -> Callable[..., Markup]:
    # The GOV.UK macros test undefined parameters, so they need a less strict environment than ours.
    environment = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        autoescape=True,
        undefined=ChainableUndefined,
    )

    def component(name: str, /, **params: Any) -> Markup:
        """Render a GOV.UK Frontend component: `component("button", text="Go")`."""
        macros = environment.get_template(f"govuk_frontend_jinja/components/{name}/macro.html").module
        macro = "govuk" + "".join(word.capitalize() for word in name.split("-"))
        html: Markup = getattr(macros, macro)(params)
        return html

    return component
