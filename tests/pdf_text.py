"""What can be read in a PDF, by the library with which Chrome shows them."""

from __future__ import annotations

import pypdfium2


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page without blanks: where blanks stand between Chinese is the reader's own idea."""
    with pypdfium2.PdfDocument(pdf) as document:
        found = []
        for page in document:
            text = page.get_textpage()
            found.append("".join(text.get_text_range().split()))
            text.close()
            page.close()
        return found


def text_of(pdf: bytes) -> str:
    """Return the text of all pages without blanks."""
    return "".join(pages_of(pdf))


def title_of(pdf: bytes) -> str:
    """Return the document's title as a viewer shows it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return str(document.get_metadata_value("Title"))
