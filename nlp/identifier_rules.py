"""What dates, ages over 89, telephone numbers, addresses and the like look like in English talk."""

import re
from collections.abc import Iterable

from nlp.transcript import Span

DATE, AGE, PHONE, EMAIL, ADDRESS, URL, NUMBER = "date", "age", "phone", "email", "address", "url", "number"

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_OLD = rf"(?:9\d|1[0-2]\d|(?:ninety|a hundred)(?:[ -](?:and )?(?:{_UNITS}))?)"
_AGED = (
    r"(?:\baged? (?:of )?|\bturn(?:s|ed|ing)? |\b(?:I'm|I’m|I am|[Hh]e's|[Ss]he's|[Hh]e’s|[Ss]he’s|is|was) )"
)
_NO_AGE = r"(?! ?%)(?! (?:percent|pounds|dollars|minutes|miles|kilos|days|of|times|per|o'clock)\b)"
_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Crescent|Terrace|Boulevard|Blvd|"
    r"Way|Place|Square|Gardens|Grove|Row)"
)
_FLAT = r"(?:,? (?:Apt|Apartment|Flat|Unit|Suite)\.? ?\w{1,5})?"
_SITE = r"(?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|co\.uk|edu|gov|io)\b"
_PATH = r"(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]])?"

# The words in the group “it”, or all of a match. Earlier rules go before later ones.
_RULES: tuple[tuple[str, re.Pattern], ...] = (
    (EMAIL, re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")),
    (URL, re.compile(rf"\b(?:https?://|www\.)[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,5}}(?::\d{{1,5}})?{_PATH}", re.I)),
    (URL, re.compile(rf"(?<![@\w.-]){_SITE}{_PATH}", re.I)),
    (DATE, re.compile(rf"\b{_YEAR}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])\b")),
    (DATE, re.compile(rf"\b{_NUMBER}([/.-]){_NUMBER}\1(?:{_YEAR}|\d\d)\b")),
    (DATE, re.compile(rf"\b{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?(?!\w)", re.I)),
    (DATE, re.compile(rf"\b{_MONTH} (?:the )?{_DAY}(?:,? {_YEAR})?(?!\w)", re.I)),
    (DATE, re.compile(rf"\b{_MONTH},? (?:of )?{_YEAR}\b", re.I)),
    (AGE, re.compile(rf"\b(?P<it>{_OLD})(?=[ -]years?[ -](?:old|of age)\b)", re.I)),
    (AGE, re.compile(rf"{_AGED}(?P<it>{_OLD})\b{_NO_AGE}")),
    (NUMBER, re.compile(r"\b\d{3}-\d{2}-\d{4}\b")),
    (NUMBER, re.compile(r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b")),
    (PHONE, re.compile(r"(?<![\w/])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,5}\)[ .-]?)?\d{2,5}(?:[ .-]\d{2,5}){1,4}(?![\w/])")),
    (PHONE, re.compile(r"(?<!\w)\+?\d{7,15}(?!\w)")),
    (ADDRESS, re.compile(rf"\b\d{{1,5}}[a-z]?,? (?:[A-Z][\w'’]{{0,30}}\.? ){{1,4}}{_STREET}\b\.?{_FLAT}")),
    (ADDRESS, re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")),  # a British postcode
    (ADDRESS, re.compile(r"\b[A-Z]{2} \d{5}(?:-\d{4})?\b")),  # an American state and zip code
)  # fmt: skip
_PHONE_DIGITS = range(7, 16)


def find_by_rules(text: str) -> Iterable[tuple[str, Span]]:
    """Kinds and spans, in the order of the rules; they may overlap."""
    for kind, rule in _RULES:
        for match in rule.finditer(text):
            if kind == PHONE and sum(c.isdigit() for c in match[0]) not in _PHONE_DIGITS:
                continue
            yield kind, Span(*match.span("it" if "it" in rule.groupindex else 0))
