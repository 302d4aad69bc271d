"""XML that means harm, or is broken on the way."""

from __future__ import annotations

import pytest

from deskphone.wire import xml
from deskphone.wire.errors import MAX_BODY, MAX_DEPTH, WireError
from deskphone.wire.xml import Element

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + "]><AgentReadyEvent>&lol9;</AgentReadyEvent>"
).encode()


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS,
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://h/x.dtd"> %x;]><a/>',
        b'<!DOCTYPE a PUBLIC "x" "y"><a/>',
    ],
)
def test_document_types_and_entities_are_refused(body: bytes) -> None:
    with pytest.raises(WireError, match="document type"):
        xml.parse(body)


@pytest.mark.parametrize("label", ["utf-16", "UTF-16", "unicode"])
def test_text_of_one_byte_a_letter_that_is_called_utf_16_is_read(label: str) -> None:
    """As .NET's StringWriter declares whatever it is written to afterwards."""
    body = f'<?xml version="1.0" encoding="{label}"?>\r\n<a>M\u00fcller</a>'
    assert xml.parse(body.encode()) == Element("a", "M\u00fcller")
    with pytest.raises(WireError, match="encoding"):
        xml.parse(body.encode("utf-16-le"), label)


def test_an_entity_nobody_declared_is_refused_but_the_five_of_xml_are_read() -> None:
    with pytest.raises(WireError):
        xml.parse(b"<a>&nbsp;</a>")
    assert xml.parse(b"<a>&lt;&amp;&gt;&#228;&quot;</a>").text == '<&>ä"'


def test_the_zero_that_ends_a_string_of_c_is_no_part_of_the_document() -> None:
    assert xml.parse(b"\r\n<a>x</a>\r\n\x00\x00").text == "x"
    with pytest.raises(WireError):
        xml.parse(b"<a>x\x00</a>")


def test_deep_nesting_is_refused_in_bounded_depth() -> None:
    depth = 4_000
    with pytest.raises(WireError, match="elements deep"):
        xml.parse(b"<a>" * depth + b"</a>" * depth)
    assert xml.parse(b"<a>" * MAX_DEPTH + b"x" + b"</a>" * MAX_DEPTH).name == "a"


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"text", b"<a>", b"<a", b"</a>", b"<a></b>", b"<a/><b/>", b"<a/>x", b"<a b='1' b='1'/>",
        b"<a>\x00</a>",        b"<a>&#0;</a>", b"<a>&#xD800;</a>", b"<?xml version='1.0' encoding='rot13'?><a/>",
        b"\xff\xfe<\x00a\x00/\x00>\x00",        b"<?xml version='1.0' encoding='" + b"x" * 35 + b"'?><a/>",
        b"<a>" + b"<b/>" * 300 + b"</a>",
        b"<a " + b" ".join(b"x%d='1'" % n for n in range(40)) + b"/>", b"<" + b"a" * 300 + b"/>",
        b"<a>" + b"x" * MAX_BODY + b"</a>", b'{"json": true}', b"<html><body><p>Login</body></html>",
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_with_one_line(body: bytes) -> None:
    with pytest.raises(WireError) as refused:
        xml.parse(body)
    assert len(str(refused.value).splitlines()) == 1


def test_every_truncation_of_a_document_is_refused() -> None:
    body = b"<?xml version='1.0'?><AgentReadyEvent><device>1502</device></AgentReadyEvent>"
    for end in range(len(body)):
        with pytest.raises(WireError):
            xml.parse(body[:end])


def test_comments_instructions_and_cdata_are_harmless() -> None:
    assert xml.parse(b"\r\n<?pi x?><!-- c --><a>x<!-- d --><![CDATA[<y>]]></a>") == Element("a", "x<y>")


def test_elements_are_found_by_local_name_at_any_depth() -> None:
    root = xml.parse(b"<a><p:b><q:c> deep </q:c></p:b></a>")
    assert root.deep_text("c") == "deep" and root.child_text("c") == "" and root.child_text("b") == "deep"
