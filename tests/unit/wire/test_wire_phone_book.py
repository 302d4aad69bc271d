"""The company's directory and the speed dials as people's programs write them, and what is neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.wire import phone_book
from deskphone.wire.errors import WireError


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Anna Meier,2001\n", [("Anna Meier", "2001")]),
        ("Anna,2001,+49 (0)89 12-3,01/5 0\n", [("Anna", each) for each in ("2001", "+4989123", "0150")]),
        ("name;office;home\r\nAnna Meier;2001;\r\nBen;;0301\r\n", [("Anna Meier", "2001"), ("Ben", "0301")]),
        ("Meier;Anna;2001\n", [("Meier Anna", "2001")]),
        ('"Meier, Anna",2001\n"say ""hi""",2002\n', [("Meier, Anna", "2001"), ('say "hi"', "2002")]),
        ("2001,Anna Meier\n", [("Anna Meier", "2001")]),
        ("17\tAnna\t2001\n", [("Anna", "2001")]),
        ("Anna|2001\n# a note,5\n;another,6\n\n", [("Anna", "2001")]),
        ("Help desk,sip:help@example.com\n", [("Help desk", "sip:help@example.com")]),
        ("Door,*12#\nDoor,*12#\n", [("Door", "*12#")]),
        ("Line 12,2012\n", [("Line 12", "2012")]),
        ('Anna,="0301"\nBen,"=""0302"""\n', [("Anna", "0301"), ("Ben", "0302")]),
        ("Anna,'0301\nBen,'0302'\n", [("Anna", "0301"), ("Ben", "0302")]),
        ("Anna,2001.0\nBen,089.12.34\n", [("Anna", "2001"), ("Ben", "0891234")]),
        ("Anna,tel:+49-89-12\nBen,callto:2002\n", [("Anna", "+498912"), ("Ben", "2002")]),
        ("Anna,<sip:2001@example.com>\nBen,\uff12\uff10\uff10\uff12\n",
         [("Anna", "sip:2001@example.com"), ("Ben", "2002")]),
        ("Anna,2001 ; first floor\n", [("Anna", "2001")]),
        ('"Anna ; Ben",2001\n', [("Anna ; Ben", "2001")]),
        ("'Anna','2001'\n\u201eBen\u201c,\u201e2002\u201c\nO'Neill,2003\n",
         [("Anna", "2001"), ("Ben", "2002"), ("O'Neill", "2003")]),
        ("Anna\u200f\u00a0 Meier,2001\n", [("Anna Meier", "2001")]),
    ],
)  # fmt: skip
def test_name_and_numbers_however_the_fields_are_parted(text: str, entries: list[tuple[str, str]]) -> None:
    assert list(phone_book.directory(text.encode())) == entries


def test_umlauts_of_every_encoding_that_a_spreadsheet_writes() -> None:
    for coding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        assert phone_book.directory("Jörg Müller;2001\n".encode(coding)) == (("Jörg Müller", "2001"),)


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"<html><body>Log in</body></html>", b"name,number\n", b"2001\n",
                                  b'{"error": "not found"}'])  # fmt: skip
def test_what_is_no_directory_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        phone_book.directory(data)
    with pytest.raises(WireError):
        phone_book.speed_dials(data)


def test_a_directory_is_bounded() -> None:
    lines = b"".join(b"Name %d,%d\n" % (each, 10_000 + each) for each in range(phone_book.MAX_ENTRIES + 10))
    assert len(phone_book.directory(lines)) == phone_book.MAX_ENTRIES
    ((name, number),) = phone_book.directory(b"x" * 500 + b",2001\n")
    assert (len(name), number) == (phone_book.MAX_NAME, "2001")


def test_speed_dials_are_keys_1_to_9_and_the_first_of_each_counts() -> None:
    text = b"key,number,blf\n1,2001,0\n2,+49 30 123,1\n2,2002,0\n0,2003,0\n10,2004,0\n9,2009\n3,,0\n"
    assert phone_book.speed_dials(text) == (("1", "2001"), ("2", "+4930123"), ("9", "2009"))


@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=8), st.sampled_from(",;\t|"))
def test_whatever_a_line_holds_an_entry_has_a_name_and_a_number_that_can_be_dialled(
    rows: list[list[str]], separator: str
) -> None:
    text = "\n".join(separator.join(row) for row in rows)
    try:
        found = phone_book.directory(text.encode("utf-8", "replace"))
    except WireError:
        return
    for name, number in found:
        assert name and name.isprintable() and name == name.strip()
        assert number.isascii() and number.isprintable() and not set(number) & set(' <>"')
