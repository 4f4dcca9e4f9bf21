"""Run as a program of its own: reads a PDF from standard input, writes its lines as JSON.

It stands alone because a PDF can be made to take a reader's time and memory without end; here
both are limited, and whoever started this can stop it. It imports nothing of the project.
"""

import io
import json
import sys

MAX_PAGES = 600
MAX_CHARACTERS = 5_000_000
MEMORY = 1_500 * 1024 * 1024


def limit_resources(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not on this system
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def read_pages(raw: bytes) -> list[list[str]]:
    """The lines of each page, top to bottom; text on one height is one line, left to right."""
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams

    pages, characters = [], 0
    for page in extract_pages(io.BytesIO(raw), laparams=LAParams(boxes_flow=None), maxpages=MAX_PAGES):
        lines = page_lines(page)
        characters += sum(map(len, lines))
        if characters > MAX_CHARACTERS:
            raise OverflowError
        pages.append(lines)
    return pages


def page_lines(page) -> list[str]:
    """Rows of text, with an empty line where the gap to the row above is wide."""
    from pdfminer.layout import LTTextContainer, LTTextLine

    found = [
        line
        for box in page
        if isinstance(box, LTTextContainer)
        for line in (box if not isinstance(box, LTTextLine) else [box])
        if isinstance(line, LTTextLine) and line.get_text().strip()
    ]
    rows: list[list] = []
    for line in sorted(found, key=lambda x: (-round((x.y0 + x.y1) / 2, 1), x.x0)):
        middle, height = (line.y0 + line.y1) / 2, max(1.0, line.y1 - line.y0)
        if rows and abs((rows[-1][0].y0 + rows[-1][0].y1) / 2 - middle) < 0.4 * height:
            rows[-1].append(line)
        else:
            rows.append([line])
    texts, bottom = [], None
    for row in rows:
        top, height = max(x.y1 for x in row), max(x.y1 - x.y0 for x in row)
        if bottom is not None and bottom - top > 0.8 * height:
            texts.append("")
        texts.append(" ".join(" ".join(x.get_text().split()) for x in sorted(row, key=lambda x: x.x0)))
        bottom = min(x.y0 for x in row)
    return texts


def main() -> None:
    limit_resources(int(sys.argv[1]))
    raw = sys.stdin.buffer.read()
    try:
        answer: dict = {"pages": read_pages(raw)}
    except Exception as error:  # whatever a broken PDF provokes is told to the parent by its kind
        answer = {"error": type(error).__name__}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
