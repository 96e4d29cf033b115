"""The invented content of the sample documents. Nobody here exists."""

REFERRAL_TITLE = "Referral to children's social care"
_INVENTED = (
    "This document was made up for a demonstration. Rowan Sample, the family, the school and every detail "
    "below are invented."
)
_COLD_HOME = (
    "Rowan (10) has been coming to school late and tired since half-term. On 2 March Rowan told Ms Müller, "
    "the class teacher, that there had been no heating at home for a fortnight. The school gave the family "
    "a £49 voucher for the meter and asked whether a home visit would help."
)
_FATHER_AGREES = (
    "Rowan's father, Mr Sample, agreed to this referral on the telephone. He would like help with the "
    "landlord and with the cost of after-school care, about £12.50 a day."
)
REFERRAL = (
    ("About this document", _INVENTED),
    ("What happened", _COLD_HOME),
    ("What the family asks for", _FATHER_AGREES),
)
"""Headings and what stands under them."""
FAMILY = (
    ("Name", "Born", "Relation"),
    ("Rowan Sample", "29 February 2016", "child"),
    ("Ash Sample", "1 May 1985", "father"),
    ("Zoë Müller-Sample", "17 July 1987", "mother, lives in Köln"),
)
COSTS = (
    ("Service", "Provider", "Hours a week", "Price an hour (£)"),
    ("After-school care", "Café Kinder", 10, 12.5),
    ("Family support worker", "Council", 3, 31.2),
    ("Counselling", "Grünwald Practice", 1, 55),
    ("Transport", "Taxi Überall", 2, 24.75),
)
SLIDES = (
    ("Family group conference", "Rowan Sample, 16 March 2026. Invented for a demonstration."),
    ("What is going well", "Rowan likes school and the football club.\nGrandmother visits on Sundays."),
    ("What worries us", "No heating since half-term.\nRent arrears of £640."),
)
CONTACT_LIST = (
    ("Name", "Role", "Telephone", "Note"),
    ("Ms Müller", "class teacher", "020 7946 0101", "best before 9 o'clock"),
    ("Mr O'Neill, Dr", "GP", "020 7946 0102", 'says "call the desk first"'),
    ("Ash Sample", "father", "020 7946 0103", "works nights"),
    ("Café Kinder", "after-school care", "020 7946 0104", "£12.50 a day"),
)
CALL_NOTE = """Telephone call, 23 March 2026, 14:05
====================================

From:  Ms Müller, Springfield Primary School
To:    duty worker

Heating is back on since Friday. The school paid £49 for the meter and will not ask for it back.
Rowan was on time every day this week.

To do: write to the landlord; visit on Thursday.

(Invented for a demonstration.)
"""
ASSESSMENT_TEXT = (
    "This assessment was made up for a demonstration. It says what the family, the school and the council "
    "agreed: the heating is repaired, the rent arrears of £640 are paid back at £20 a week, and a worker "
    "visits every second Thursday until the summer."
)

GENOGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="640" height="420"
     viewBox="0 0 640 420" font-family="sans-serif" font-size="16">
  <defs><rect id="man" width="56" height="56" fill="none" stroke="#20262e" stroke-width="3"/></defs>
  <text x="20" y="32" font-size="20">The family of Rowan Sample - invented, for a demonstration</text>
  <use xlink:href="#man" x="120" y="120"/><text x="105" y="205">Ash Sample</text>
  <circle cx="470" cy="148" r="29" fill="none" stroke="#20262e" stroke-width="3"/>
  <text x="390" y="205">Zo&#235; M&#252;ller-Sample</text>
  <path d="M176 148H441M308 148V280" fill="none" stroke="#20262e" stroke-width="3"/>
  <circle cx="308" cy="309" r="29" fill="#fff7bf" stroke="#20262e" stroke-width="3"/>
  <text x="245" y="370">Rowan Sample, 10</text>
</svg>
"""
EXPORT = {
    "note": "Invented for a demonstration.",
    "child": {"name": "Rowan Sample", "born": "2016-02-29", "school": "Springfield Primary School"},
    "contacts": [
        {"name": "Ms M\u00fcller", "role": "class teacher", "telephone": "020 7946 0101"},
        {"name": "Ash Sample", "role": "father", "telephone": "020 7946 0103"},
    ],
    "visits": [
        {"date": "2026-03-18", "by": "duty worker", "minutes": 45, "cost": 12.50},
        {"date": "2026-03-26", "by": "family support worker", "minutes": 60, "cost": 31.20},
    ],
    "heating": {"works": True, "since": "2026-03-20", "paid": 49, "paid_by": "school", "owed": None},
}
RECORD = """<?xml version="1.0" encoding="UTF-8"?>
<record system="invented">
  <person id="4711"><name>Rowan Sample</name><born>2016-02-29</born></person>
  <entry date="2026-03-23">Heating is back on. The school paid \u00a349 for the meter.</entry>
</record>
"""


def chronology_entry(number: int) -> str:
    """One page's text of the long chronology.

    Args:
        number: from 1.
    """
    costs, contact = number * 49 % 10_000, 1 + number % 14
    return (
        f"Entry {number}. The duty worker telephoned the family and the school. Attendance this week was "
        f"{80 + number % 20} per cent. Costs so far: £{costs}. Next contact in {contact} days."
    )
