# ruff: noqa: E501, ISC004 - markup is plainer in one piece
"""Documents with Basic macros that run by themselves: in every OpenDocument format, at every event; see also vba."""

from tests.conversion.hostile import Paper, _open_document

_BODIES = {
    "text": ("writer8", "<text:p>text</text:p>"),
    "spreadsheet": (
        "calc8",
        '<table:table table:name="s"><table:table-column/><table:table-row><table:table-cell><text:p>text</text:p>'
        "</table:table-cell></table:table-row></table:table>",
    ),
    "presentation": (
        "impress8",
        '<draw:page draw:name="1"><draw:frame svg:x="1cm" svg:y="1cm" svg:width="9cm" svg:height="9cm"><draw:text-box>'
        "<text:p>text</text:p></draw:text-box></draw:frame></draw:page>",
    ),
}
FORMATS = tuple(_BODIES)
EVENTS = (
    "dom:load",
    "office:load-finished",
    "office:create",
    "office:view-created",
    "office:print",
    "dom:unload",
)


_SUBS = ("Main", "AutoOpen", "Auto_Open", "Document_Open", "Workbook_Open", "AutoExec", "AutoClose")
"""Names of the macro; some run by their name alone in other programs."""


def writing(path: str) -> str:
    """Statements that write a file, in any Basic."""
    return f'Open "{path}" For Output As #1\nPrint #1, "ran"\nClose #1'


def at_events(writes: str, kind: str) -> Paper:
    """A Basic macro at every event of its document; it writes a file.

    Args:
        writes: the file.
        kind: one of FORMATS.
    """
    code = "\n".join(f"Sub {sub}\n{writing(writes)}\nEnd Sub" for sub in _SUBS)
    listeners = "".join(
        f'<script:event-listener script:language="ooo:script" script:event-name="{event}" xlink:type="simple" '
        'xlink:href="vnd.sun.star.script:Standard.Module1.Main?language=Basic&amp;location=document"/>'
        for event in EVENTS
    )
    scripts = f"<office:scripts><office:event-listeners>{listeners}</office:event-listeners></office:scripts>"
    import_filter, body = _BODIES[kind]
    content = f"{scripts}<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    return Paper(f"macro.{kind}", import_filter, _open_document(content, kind, **_library(code)))


def _library(code: str) -> dict[str, str]:
    library = "http://openoffice.org/2000/library"
    return {
        "Basic/Standard/Module1.xml": '<script:module xmlns:script="http://openoffice.org/2000/script" '
        f'script:name="Module1" script:language="StarBasic">{code}</script:module>',
        "Basic/Standard/script-lb.xml": f'<library:library xmlns:library="{library}" library:name="Standard" '
        'library:readonly="false" library:passwordprotected="false"><library:element library:name="Module1"/>'
        "</library:library>",
        "Basic/script-lc.xml": f'<library:libraries xmlns:library="{library}"><library:library '
        'library:name="Standard" library:link="false"/></library:libraries>',
    }
