"""Invented prose in several languages, and words that stand nowhere else."""

import random
from itertools import product

_LANGUAGES = {
    "English": "the visit school report family nurse agreed again before carer assessment review children "
    "placement contact weekly safe plan meeting evening kitchen garden brother telephone",
    "Polish": "wizyta szkoła raport rodzina pielęgniarka źródło żółty łóżko święta dziecko opieka środa",
    "Turkish": "ziyaret okul aile hemşire çocuk güvenli görüşme İstanbul ağabey öğretmen ılık şehir",
    "Romanian": "vizită școală familie asistentă copil siguranță întâlnire țară mâine",
    "Greek": "επίσκεψη σχολείο οικογένεια νοσοκόμα παιδί ασφάλεια συνάντηση",
    "Ukrainian": "візит школа сімʼя медсестра дитина безпека зустріч ґанок їжа",
    "Welsh": "ymweliad ysgol teulu nyrs plentyn diogel cyfarfod tŷ dŵr",
    "Vietnamese": "thăm trường gia đình trẻ em cuộc họp điện thoại bệnh viện",
    "French": "visite école famille infirmière enfant sécurité réunion cœur où élève",
}
LANGUAGES = tuple(_LANGUAGES)
_FIRST = ("Rowan", "Zoë", "Amina", "Łukasz", "Siân", "José", "Niamh", "Çağla", "Oluwaseun", "Chloé")
_LAST = ("Sample", "Example", "O’Placeholder", "Test-Family", "Müller", "Nowak", "Şahin", "Evans")
_STREETS = ("Invented Road", "Nowhere Street", "Sample Close", "Example Gardens")
_SYLLABLES = tuple("".join(pair) for pair in product("bdfgklmnprstvz", "aeiou"))


class Prose:
    """Text for one file.

    Args:
        seed: the same one gives the same text.
    """

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._marks = 0
        self._file = "".join(self._random.choices(_SYLLABLES, k=3)).upper()

    def mark(self) -> str:
        """A word that stands nowhere else in the file."""
        self._marks += 1
        return f"{self._file}{_SYLLABLES[self._marks % 70].upper()}{self._marks:02}"

    def sentence(self, language: str = "English", words: int = 12) -> str:
        """A sentence that ends with a mark."""
        chosen = " ".join(self._random.choices(_LANGUAGES[language].split(), k=words))
        return f"{chosen[0].upper()}{chosen[1:]} {self.mark()}."

    def paragraph(self, language: str = "English", sentences: int = 4) -> str:
        """Sentences, one behind the other."""
        return " ".join(self.sentence(language) for _ in range(sentences))

    def name(self) -> str:
        """Of a person who does not exist."""
        return f"{self._random.choice(_FIRST)} {self._random.choice(_LAST)}"

    def address(self) -> str:
        """Of a house that does not exist."""
        return f"{self._random.randint(1, 199)} {self._random.choice(_STREETS)}, London E8 {self.mark()}"

    def number(self, most: int = 10_000) -> int:
        """A whole number from 1."""
        return self._random.randint(1, most)

    def amount(self) -> float:
        """Money."""
        return self._random.randint(100, 9_999_999) / 100

    def day(self) -> tuple[int, int, int]:
        """Year, month and day."""
        return (self._random.randint(1950, 2030), self._random.randint(1, 12), self._random.randint(1, 28))
