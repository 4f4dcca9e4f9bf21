"""XML that cannot harm: no DOCTYPE, no entities, no more elements than a session could need."""

from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from nlp.errors import InputError

MAX_ELEMENTS = 500_000


def walk_xml(raw: bytes, what: str) -> Iterator[tuple[str, Element]]:
    """("start" | "end", element) in document order; the caller clears elements it is done with."""
    if raw.count(b"<") > 2 * MAX_ELEMENTS:
        raise InputError(
            f"{what} is far more complex than a session's transcript can be. Export it again.", "too_complex"
        )
    try:
        yield from iterparse(BytesIO(raw), events=("start", "end"), forbid_dtd=True)
    except DefusedXmlException:
        raise InputError(
            f"{what} declares a DOCTYPE or entities, which are not read because they can do harm. "
            "Export it again from the program that made it.",
            "doctype",
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(
            f"{what} is not well-formed XML; it may be damaged or cut short. Export it again.", "malformed"
        ) from error
