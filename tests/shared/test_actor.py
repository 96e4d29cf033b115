"""What counts as an e-mail address, everywhere."""

import pytest

from shared.actor import EMAIL


@pytest.mark.parametrize("address", ["a@b", "zoë.o'brien+x@council.test", "x" * 64 + "@" + "y" * 255])
def test_an_address_is_one(address: str) -> None:
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
def test_what_could_change_an_address_of_the_web_or_a_log_line_is_none(address: str) -> None:
    assert not EMAIL.fullmatch(address)
