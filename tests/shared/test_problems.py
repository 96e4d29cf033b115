"""Each problem has its own code and is in one of the four branches."""

import re
from collections.abc import Iterator

import pytest

import redirector.problems
import viewer.errors
from shared.problems import (
    BY_CODE,
    DocumentProblem,
    PersonProblem,
    Problem,
    RequestProblem,
    ServiceProblem,
    SignedOut,
)

BRANCHES = (DocumentProblem, PersonProblem, RequestProblem, ServiceProblem)
HOMES = {"shared.problems", redirector.problems.__name__, viewer.errors.__name__}


def below(problem: type[Problem]) -> Iterator[type[Problem]]:
    """Every class below this one that a service may raise."""
    for child in problem.__subclasses__():
        if child.__module__ in HOMES:
            yield child
            yield from below(child)


ALL = sorted(set(below(Problem)) - set(BRANCHES), key=lambda problem: problem.__name__)


def test_the_tree_holds_the_problems_of_all_services() -> None:
    assert len(ALL) > 40
    assert {problem.__module__ for problem in ALL} == HOMES


@pytest.mark.parametrize("problem", ALL, ids=lambda problem: problem.__name__)
def test_every_problem_is_complete_and_in_one_branch(problem: type[Problem]) -> None:
    assert re.fullmatch("[a-z_]{3,32}", problem.code)
    assert issubclass(problem, BY_CODE[problem.code])
    assert 400 <= problem.status < 600
    assert problem.title
    assert problem().words(myoffice="MyOffice", council="the council")
    assert sum(issubclass(problem, branch) for branch in BRANCHES) == 1


def test_only_a_document_can_fail_lastingly() -> None:
    assert all(issubclass(problem, DocumentProblem) for problem in ALL if problem.lasting)


def test_a_second_problem_of_the_same_code_cannot_be_imported() -> None:
    with pytest.raises(TypeError, match=r"shared\.problems\.SignedOut and .*Twin share a code"):

        class Twin(PersonProblem):
            code = "signed_out"

    assert BY_CODE["signed_out"] is SignedOut


def test_the_sentences_are_filled_with_the_councils_names() -> None:
    class Told(Problem):
        sentence = "Open it in {myoffice}, says {council}."

    assert Told().words(myoffice="Desktop", council="Anytown") == "Open it in Desktop, says Anytown."
