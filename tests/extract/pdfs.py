"""PDF files made for tests: pages of lines in a standard font, and pages that are a picture."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Sequence

import pypdfium2
from pypdfium2 import raw

_TOP, _LEADING, _LEFT = 780, 14, 50


def pdf_of(*pages: Sequence[str] | None) -> bytes:
    """A file of these pages, each given by its lines; None is a picture."""
    document = pypdfium2.PdfDocument.new()
    for lines in pages:
        page = document.new_page(595, 842)
        if lines is None:
            page.insert_obj(_picture(document))
        for k, line in enumerate(lines or ()):
            text = raw.FPDFPageObj_NewTextObj(document, b"Helvetica", ctypes.c_float(10))
            encoded = (line + "\0").encode("utf-16-le")
            buffer = ctypes.create_string_buffer(encoded, len(encoded))
            raw.FPDFText_SetText(text, ctypes.cast(buffer, raw.FPDF_WIDESTRING))
            raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, _LEFT, _TOP - k * _LEADING)
            raw.FPDFPage_InsertObject(page, text)
        page.gen_content()
    stream = io.BytesIO()
    document.save(stream)
    document.close()
    return stream.getvalue()


def _picture(document: pypdfium2.PdfDocument) -> pypdfium2.PdfImage:
    image = pypdfium2.PdfImage.new(document)
    bitmap = pypdfium2.PdfBitmap.new_native(8, 8, raw.FPDFBitmap_BGR)
    image.set_bitmap(bitmap)
    image.set_matrix(pypdfium2.PdfMatrix().scale(500, 700))
    return image
