"""E-mail addresses, telephone numbers and names: what is taken, in which form, and what never is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smartcity.inquiries.contacts import NAME_LENGTH, read_email, read_name, read_telephone, read_text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("erna@example.de", "erna@example.de"),
        ("Meine Adresse ist Erna.Muster+x@Example.DE.", "Erna.Muster+x@example.de"),
        ("<erna@example.de>", "erna@example.de"),
        ("mailto:erna@example.de", "erna@example.de"),
        ("erna@sub.kre-feld.example", "erna@sub.kre-feld.example"),
        ("erna@müller-krefeld.de", "erna@" + "müller-krefeld.de".encode("idna").decode()),
        ("erna@straße.de", "erna@xn--strae-oqa.de"),
    ],
)
def test_addresses(typed: str, read: str) -> None:
    assert read_email(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "", "erna", "erna@", "@example.de", "erna@example", "erna@@example.de", "a@b.de c@d.de", "erna@example..de",
        "erna@-example.de", "erna@example.de\nBcc: x@y.de", "erna@example.de\r", "erna@example.de\0",
        ".erna@example.de",
        "er..na@example.de",
        "erna@127.0.0.1", "erna@[127.0.0.1]", '"erna x"@example.de', "x" * 65 + "@example.de",
        "erna@" + "x" * 64 + ".de", "erna@" + "xyz." * 70 + "de", "erna@exam\u202eple.de", "ernä@example.de",
        "erna@example.de,x@y.de", "erna@example.de;x@y.de", "erna@example.de%0aBcc:x",
        "=?utf-8?q?=0ABcc?=erna@example.de", "erna@example.123",
    ],
)  # fmt: skip
def test_what_is_no_address(typed: str) -> None:
    assert read_email(typed) is None


@given(st.text())
@example("a@b.de\u2028c")
@example("\x85a@b.de")
def test_an_address_is_plain_ascii_on_one_line(text: str) -> None:
    read = read_email(text)
    if read is not None:
        assert read.isascii() and read.isprintable() and " " not in read and read.count("@") == 1
        assert read_email(read) == read
        assert not set(read) & set('<>()[]\\,;:"')


@given(st.emails())
def test_an_address_keeps_its_meaning(address: str) -> None:
    read = read_email(address)
    if read is not None:
        local, _, domain = address.rpartition("@")
        assert read == f"{local}@{domain.lower()}"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("02151 86-1085", "+492151861085"),
        ("02151/861085", "+492151861085"),
        ("+49 2151 86 10 85", "+492151861085"),
        ("0049 2151 861085", "+492151861085"),
        ("Sie erreichen mich unter 0151 23456789.", "+4915123456789"),
        ("+31 20 624 1111", "+31206241111"),
        ("(02151) 86 10 85", "+492151861085"),
    ],
)
def test_numbers(typed: str, read: str) -> None:
    assert read_telephone(typed) == read


@pytest.mark.parametrize(
    "typed",
    ["", "110", "12345", "0900 123456", "0180 5 123456", "02151 861085 oder 0151 23456789", "+49 1", "abc",
     "02151 86-1085\nTo: x", "0" * 300, "1.12.2026", "x@y.de 02151861085"],
)  # fmt: skip
def test_what_is_no_number(typed: str) -> None:
    assert read_telephone(typed) is None


@given(st.text(st.sampled_from("0123456789 +()/-.\n\0x"), max_size=40) | st.text())
def test_a_number_is_e164(text: str) -> None:
    read = read_telephone(text)
    if read is not None:
        assert read[0] == "+" and read[1:].isdigit() and read.isascii() and 8 <= len(read) <= 16
        assert read_telephone(read) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Erna Müller", "Erna Müller"),
        ("ich heiße Erna  Müller", "Erna Müller"),
        ("Mein Name ist Jean-Luc O'Neill.", "Jean-Luc O'Neill"),
        ("my name is Ada Lovelace", "Ada Lovelace"),
        ("Dr. Karl-Heinz von der Leyen", "Dr. Karl-Heinz von der Leyen"),
        ("Łukasz Żółć", "Łukasz Żółć"),
        ("Мария Иванова", "Мария Иванова"),
        ("محمد علي", "محمد علي"),
        ("Li", "Li"),
    ],
)
def test_names(typed: str, read: str) -> None:
    assert read_name(typed) == read


@pytest.mark.parametrize(
    "typed",
    ["", "x", "1234", "<b>Erna</b>", "Erna\nBcc: x@y.de", "Erna\r\n", "Erna@example.de", "http://x.de", "Erna \u202e",
     "a" * 81, "=?utf-8?q?x?=", "Erna; DROP TABLE", "Erna\0", "{{7*7}}", "...", "Erna\u2028Müller"],
)  # fmt: skip
def test_what_is_no_name(typed: str) -> None:
    assert read_name(typed) is None


@given(st.text())
def test_a_name_is_one_printable_line(text: str) -> None:
    read = read_name(text)
    if read is not None:
        assert 2 <= len(read) <= NAME_LENGTH and read == read.strip() and "  " not in read
        assert not any(unicodedata.category(sign)[0] == "C" for sign in read)
        assert not set(read) & set('<>@"=?;:/\\{}[]()\n\r')


@given(st.text())
def test_free_text_keeps_lines_and_no_control_characters(text: str) -> None:
    read = read_text(text)
    if read is not None:
        assert len(read) <= 2000 and read == read.strip()
        assert all(sign == "\n" or unicodedata.category(sign)[0] != "C" for sign in read)
        assert read_text(read) == read
