"""The invented people and groups of the demo's Google."""

from dataclasses import dataclass, field

DOMAIN = "council.test"
GROUP = f"documents@{DOMAIN}"
NESTED_GROUP = f"social-workers@{DOMAIN}"
ADMIN = f"admin@{DOMAIN}"
DISPLAY_GROUP = "Document readers"
"""The group's display name in the council's own login."""
GOVERNANCE_GROUP = f"governance@{DOMAIN}"
ADMINISTRATORS_GROUP = f"administrators@{DOMAIN}"
"""These names are the same in the council's own login, so that one setting serves both providers."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account."""

    email: str
    name: str
    email_verified: bool = True
    display_groups: tuple[str, ...] = ()
    """The display names of the person's groups in the council's own login."""

    @property
    def claims(self) -> dict[str, object]:
        """The claims of the user info endpoint, apart from `sub`."""
        return {
            "email": self.email,
            "email_verified": self.email_verified,
            "hd": self.email.partition("@")[2],
            "name": self.name,
        }


PEOPLE = (
    Person(f"worker@{DOMAIN}", "Willa Worker", display_groups=("All staff", DISPLAY_GROUP)),
    Person(f"nested@{DOMAIN}", "Ned Nested", display_groups=("Social workers", DISPLAY_GROUP)),
    Person(f"outsider@{DOMAIN}", "Otto Outsider", display_groups=("All staff",)),
    Person(f"officer@{DOMAIN}", "Olive Officer", display_groups=("All staff", GOVERNANCE_GROUP)),
    Person(
        f"administrator@{DOMAIN}",
        "Ada Administrator",
        display_groups=("All staff", ADMINISTRATORS_GROUP),
    ),
    Person("worker@elsewhere.test", "Elsa Elsewhere"),
    Person(f"unverified@{DOMAIN}", "Una Unverified", email_verified=False),
)


def _first_members() -> dict[str, set[str]]:
    return {
        GROUP: {f"worker@{DOMAIN}", NESTED_GROUP},
        NESTED_GROUP: {f"nested@{DOMAIN}"},
        GOVERNANCE_GROUP: {f"officer@{DOMAIN}"},
        ADMINISTRATORS_GROUP: {f"administrator@{DOMAIN}"},
    }


@dataclass
class Groups:
    """Each group's direct members, people and groups, by address. Tests change them while the demo runs."""

    members: dict[str, set[str]] = field(default_factory=_first_members)

    def __contains__(self, group: object) -> bool:
        return group in self.members

    def is_direct_member(self, group: str, email: str) -> bool:
        """Whether the address itself is listed."""
        return email in self.members[group]

    def is_member(self, group: str, email: str) -> bool:
        """Whether the address is listed in the group or in a group within it."""
        inner = [address for address in self.members[group] if address in self.members]
        return self.is_direct_member(group, email) or any(self.is_member(each, email) for each in inner)
