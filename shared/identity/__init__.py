"""Sign-in, sessions and groups for any service of the council; see docs/reuse-sign-in.md."""

from shared.identity.extension import ALWAYS_PUBLIC, Identity, groups_of, members_only
from shared.identity.people import Person
from shared.identity.settings import IdentitySettings
from shared.problems import Problem

__all__ = [
    "ALWAYS_PUBLIC",
    "Identity",
    "IdentitySettings",
    "Person",
    "Problem",
    "groups_of",
    "members_only",
]
