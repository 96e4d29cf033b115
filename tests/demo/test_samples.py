"""The sample documents are what their titles say. Old formats are for the system tests."""

import zipfile
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import msoffcrypto
import olefile
import pikepdf
import pytest
from docx import Document
from PIL import Image

from demo import catalogue, office, samples


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Samples without LibreOffice: what it would convert is an empty file."""
    folder = tmp_path_factory.mktemp("samples")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(office, "convert", lambda _source, path: path.touch())
        samples.make_all(folder)
    return folder


def test_every_sample_of_the_catalogue_is_made_once(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {sample.file_name for sample in catalogue.SAMPLES}
    assert samples.make_all(folder) == []


def test_a_deleted_sample_comes_back_and_a_changed_one_stays(folder: Path) -> None:
    changed, deleted = folder / catalogue.CALL.file_name, folder / catalogue.CONTACTS.file_name
    changed.write_text("mine")
    deleted.unlink()
    assert samples.make_all(folder) == [deleted]
    assert changed.read_text() == "mine"


def test_the_chronology_has_300_pages(folder: Path) -> None:
    breaks = Document(str(folder / catalogue.CHRONOLOGY.file_name)).element.xml.count('w:br w:type="page"')
    assert breaks == 299


def test_the_locked_samples_need_a_password(folder: Path) -> None:
    with (folder / catalogue.LOCKED.file_name).open("rb") as file:
        assert msoffcrypto.OfficeFile(file).is_encrypted()
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(folder / catalogue.LOCKED_PDF.file_name)


def test_the_damaged_sample_is_not_a_zip_file(folder: Path) -> None:
    damaged = folder / catalogue.DAMAGED.file_name
    assert damaged.read_bytes().startswith(b"PK")
    assert not zipfile.is_zipfile(damaged)


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        (catalogue.DRAWING, "PNG"),
        (catalogue.PHOTO, "JPEG"),
        (catalogue.STAMP, "GIF"),
        (catalogue.MAP, "WEBP"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_pictures_are_of_their_kind(folder: Path, sample: catalogue.Sample, kind: str) -> None:
    with Image.open(folder / sample.file_name) as picture:
        assert picture.format == kind


def test_the_mail_has_a_picture_in_its_body_and_two_attachments(folder: Path) -> None:
    mail = message_from_bytes((folder / catalogue.MAIL.file_name).read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["text/plain", "message/rfc822"]
    assert [part.get_content_type() for part in mail.walk() if "Content-ID" in part] == ["image/png"]


def test_outlooks_mail_is_a_whole_ole_file(folder: Path) -> None:
    with olefile.OleFileIO(
        folder / catalogue.OUTLOOK.file_name, raise_defects=olefile.DEFECT_POTENTIAL
    ) as ole:
        assert ole.exists("__properties_version1.0")
        for path in ole.listdir():
            assert len(ole.openstream(path).read()) == ole.get_size(path)


def test_a_missing_libreoffice_output_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_nothing = tmp_path / "soffice"
    make_nothing.write_text("#!/bin/sh\nexit 0\n")
    make_nothing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    convert: Callable[[Path, Path], None] = office.convert
    with pytest.raises(RuntimeError, match=r"made no 1002\.doc"):
        convert(tmp_path / "1001.docx", tmp_path / "1002.doc")
