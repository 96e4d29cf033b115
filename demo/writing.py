"""The invented content of the sample documents. All people in it are invented."""

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
"""Headings and the text below each."""
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


MAIL_TEXT = """Dear duty worker,

the heating is back on since Friday. The school paid £49 for the meter and will not ask for it back.

Ana Müller
Springfield Primary School

(Invented for a demonstration.)
"""
MAIL_HTML = """<html><head><style>p.MsoNormal {margin: 0} .note {color: #00703c}</style></head><body>
<p class="MsoNormal">Dear duty worker,</p><p class="MsoNormal">&nbsp;</p>
<p class="MsoNormal">the heating is <b>back on</b> since Friday. The school paid <span
style="background:yellow">£49</span> for the meter and will not ask for it back.</p>
<p>Rowan drew the household this week:</p>
<p><img src="cid:household@springfield" width="320" alt="Drawing of the household"></p>
<table border="1" cellspacing="0" cellpadding="4"><tr><th>Day</th><th>On time</th></tr>
<tr><td>Monday</td><td>yes</td></tr><tr><td>Tuesday</td><td>yes</td></tr></table>
<p class="MsoNormal">Ana Müller</p><p class="MsoNormal">Springfield Primary School</p>
<p style="color:#505a5f">(Invented for a demonstration.)</p>
<blockquote><p><b>From:</b> Duty Worker<br><b>Sent:</b> Friday 10 April 2026 16:05</p>
<p>Dear Ms Müller, how is Rowan getting on?</p></blockquote>
<img src="https://tracker.test/opened.gif" width="1" height="1">
<script>document.body.innerHTML = "A script ran."</script></body></html>
"""
EARLIER_MAIL = """Dear Ms Müller,

how is Rowan getting on? Is there heating at home?

Duty worker

(Invented for a demonstration.)
"""
MAIL_RTF = r"""{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}
{\*\htmltag64 <html><body>}\htmlrtf {\htmlrtf0
{\*\htmltag64 <p class="MsoNormal">}Dear duty worker,\htmlrtf\par\htmlrtf0
{\*\htmltag72 </p>}{\*\htmltag64 <p>}the heating is {\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 back on\htmlrtf }
\htmlrtf0
{\*\htmltag92 </b>} since Friday. The school paid {\*\htmltag84 &pound;}\htmlrtf \'a3\htmlrtf0 49
 for the meter.\htmlrtf\par\htmlrtf0{\*\htmltag72 </p>}{\*\htmltag64 <p>}
{\*\htmltag84 <img src="cid:household@springfield" width="320" alt="Drawing of the household">}
{\*\htmltag72 </p>}{\*\htmltag64 <p>}Ana M\'fcller{\*\htmltag72 </p>}
{\*\htmltag64 <p>}(Invented for a demonstration.){\*\htmltag72 </p>}
{\*\htmltag64 </body></html>}\htmlrtf }\htmlrtf0 }"""
WEB_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Café Kinder: opening hours</title>
<style>body {{background: url(https://nursery.test/paper.png)}}</style>
<script src="https://nursery.test/count.js"></script></head><body>
<h1>Café Kinder</h1><p>After-school care, £12.50 a day. Invented for a demonstration.</p>
<table border="1" cellspacing="0" cellpadding="4"><tr><th>Day</th><th>Open</th></tr>
<tr><td>Monday to Thursday</td><td>15:00 to 18:00</td></tr>
<tr><td>Friday</td><td>14:00 to 17:00</td></tr></table>
<p>How to find us:</p><p><img src="{picture}" width="320" alt="The way to the nursery"></p>
<p><a href="https://nursery.test/contact">Write to us</a></p></body></html>
"""
