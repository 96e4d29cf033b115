"""The council's choices for the page, and the description of the document for the page."""

import re
from collections.abc import Callable

import pytest

from tests.viewer import samples
from tests.viewer.conftest import Site

RENDITION = "/documents/edocs/77/rendition?person=123&request=journey-0001"
PAGE = "/documents/edocs/77?person=123&request=journey-0001"
PLAIN = "/documents/edocs/77/plain?person=123&request=journey-0001"
PDF = samples.pdf()

Make = Callable[..., Site]


def _with_pdf(site: Site) -> Site:
    site.fake_edocs.put("77", "77.pdf", PDF)
    return site


def test_a_copy_is_taken_only_where_allowed(make_site: Make) -> None:
    site = _with_pdf(make_site())
    worker = site.signed_in()
    answer = worker.get(RENDITION).get_json()
    assert answer["download_url"] is None
    assert worker.get(answer["url"].replace("/content/", "/download/")).status_code == 404
    assert [row["outcome"] for row in site.record()] == ["viewed"]


def test_a_copy_is_a_pdf_and_on_record(make_site: Make) -> None:
    site = _with_pdf(make_site(downloads="pdf"))
    worker = site.signed_in()
    copy = worker.get(worker.get(RENDITION).get_json()["download_url"])
    assert (copy.status_code, copy.data) == (200, PDF)
    assert copy.headers["Content-Disposition"] == 'attachment; filename="edocs-77.pdf"'
    assert copy.headers["Cache-Control"] == "no-store"
    first, second = site.record()
    assert (second["outcome"], second["document_id"], second["person"]) == ("downloaded", "77", "123")
    assert second["sha256"] == first["sha256"]


def test_a_colleague_cannot_use_the_link_to_a_copy(make_site: Make) -> None:
    site = _with_pdf(make_site(downloads="pdf"))
    site.groups.members.add("colleague@council.test")
    link = site.signed_in().get(RENDITION).get_json()["download_url"]
    assert site.signed_in("colleague@council.test").get(link).status_code == 410


def test_pictures_and_text_have_no_copy(make_site: Make) -> None:
    site = make_site(downloads="pdf")
    site.fake_edocs.put("77", "77.png", samples.picture("PNG"))
    assert site.signed_in().get(RENDITION).get_json()["download_url"] is None


def test_a_new_version_is_told_from_the_one_seen_last(make_site: Make) -> None:
    site = _with_pdf(make_site())
    site.groups.members.add("colleague@council.test")
    worker = site.signed_in()
    assert worker.get(RENDITION).get_json()["changed"] is None
    assert worker.get(RENDITION).get_json()["changed"] is False
    site.fake_edocs.put("77", "77.pdf", samples.pdf("Another letter."))
    assert site.signed_in("colleague@council.test").get(RENDITION).get_json()["changed"] is None
    assert worker.get(RENDITION).get_json()["changed"] is True
    assert worker.get(RENDITION).get_json()["changed"] is False


def test_the_answer_describes_the_document(make_site: Make) -> None:
    site = make_site()
    site.fake_edocs.put("77", "77.txt", "Café at 10.".encode("cp1252"))
    worker = site.signed_in()
    answer = worker.get(RENDITION).get_json()
    assert (answer["show"], answer["label"], answer["file_name"]) == ("text", "Plain text", "77.txt")
    assert answer["notes"] == []
    content = worker.get(answer["url"])
    assert content.data.decode() == "Café at 10."
    assert content.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_without_scripts_the_browser_shows_it_inline(make_site: Make) -> None:
    site = _with_pdf(make_site())
    worker = site.signed_in()
    plain = worker.get(PLAIN, headers={"Sec-Fetch-Dest": "document"})
    assert (plain.status_code, plain.data) == (200, PDF)
    assert plain.headers["Content-Disposition"] == "inline"
    assert plain.headers["Cache-Control"] == "no-store"
    assert "sandbox" not in plain.headers["Content-Security-Policy"], "it switches the browser's viewer off"
    assert [row["outcome"] for row in site.record()] == ["viewed"]
    assert PLAIN.replace("&", "&amp;") in worker.get(PAGE).text


def test_without_scripts_a_table_is_a_page_in_which_its_cells_are_text(make_site: Make) -> None:
    site = make_site()
    site.fake_edocs.put("77", "77.csv", b"Name;Note\nAna;seen\n<b>Rowan</b>;<script>x</script>\n")
    plain = site.signed_in().get(PLAIN, headers={"Sec-Fetch-Dest": "document"})
    assert (plain.status_code, plain.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert plain.headers["Cache-Control"] == "no-store"
    cells = re.findall("<td[^>]*>(.*?)</td>", plain.text)
    assert cells[:4] == ["Name", "Note", "Ana", "seen"]
    assert cells[4:] == ["&lt;b&gt;Rowan&lt;/b&gt;", "&lt;script&gt;x&lt;/script&gt;"]


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("77.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>", "image/svg+xml"),
        ("77.txt", b"A call.", "text/plain; charset=utf-8"),
        ("77.png", samples.picture("PNG"), "image/png"),
        ("77.wav", samples.sound(), "audio/wav"),
    ],
)
def test_without_scripts_all_but_pdfs_stay_locked_in(
    make_site: Make, name: str, body: bytes, media_type: str
) -> None:
    site = make_site()
    site.fake_edocs.put("77", name, body)
    plain = site.signed_in().get(PLAIN, headers={"Sec-Fetch-Dest": "document"})
    assert (plain.status_code, plain.headers["Content-Type"]) == (200, media_type)
    policy = plain.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert {"sandbox", "sandbox allow-same-origin"} & set(policy)
    assert not any("script" in rule for rule in policy)


def test_without_scripts_what_cannot_be_shown_has_its_page(make_site: Make) -> None:
    site = make_site()
    site.fake_edocs.put("77", "77.docx", samples.locked_word())
    page = site.signed_in().get(PLAIN, headers={"Sec-Fetch-Dest": "document"})
    assert (page.status_code, page.headers["X-Error-Code"]) == (422, "password_protected")


@pytest.mark.parametrize(("colour", "text"), [("#1d70b8", "#ffffff"), ("#ffdd00", "#0b0c0c")])
def test_the_council_has_its_colour_with_text_that_reads_on_it(
    make_site: Make, colour: str, text: str
) -> None:
    visitor = make_site(council_colour=colour).visitor()
    page = visitor.get("/signed-out").text
    address = next(part for part in page.split('"') if part.startswith("/shared-static/theme-"))
    sheet = visitor.get(address)
    assert f"--council-colour: {colour}; --council-text: {text}" in sheet.text
    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"


def test_the_council_has_its_logo_and_an_address_for_feedback(make_site: Make, tmp_path: object) -> None:
    logo = f"{tmp_path}/logo.png"
    with open(logo, "wb") as file:  # noqa: PTH123 - tmp_path is only a folder's name here
        file.write(samples.picture("PNG"))
    visitor = make_site(council_logo_file=logo, feedback_address="feedback@council.test").visitor()
    page = visitor.get("/signed-out").text
    address = next(part for part in page.split('"') if part.startswith("/shared-static/logo-"))
    assert visitor.get(address).data == samples.picture("PNG")
    assert "mailto:feedback@council.test" in page
