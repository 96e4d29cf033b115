"""The form of e-mail addresses, which all modules share."""

import pytest

from shared.actor import EMAIL


@pytest.mark.parametrize("address", ["a@b", "zoë.o'brien+x@council.test", "x" * 64 + "@" + "y" * 255])
def test_usual_email_addresses_match(address: str) -> None:
    assert EMAIL.fullmatch(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "worker",
        "@council.test",
        "worker@",
        "a b@council.test",
        "a@b@council.test",
        "worker@council.test\n",
        "wor\0ker@council.test",
        "a/b@council.test",
        "a%2fb@council.test",
        "a?b@council.test",
        "a#b@council.test",
        "x" * 65 + "@council.test",
        "worker@" + "y" * 256,
    ],
)
def test_texts_that_are_unsafe_in_urls_or_logs_are_no_email_addresses(address: str) -> None:
    assert not EMAIL.fullmatch(address)
