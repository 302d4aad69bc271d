"""Where a description has the reports on its voice sent (RFC 3605): never to a group, to all or to this machine."""

from __future__ import annotations

import deskphone_sipext as sipext
import pytest

from deskphone.wire.mending_sdp import mend_sdp
from tests.native.native_phone import Phone

HEAD = "v=0\r\no=- 1 1 IN {kind} {host}\r\ns=-\r\nc=IN {kind} {host}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"
GROUPS = [
    *(("IP4", "10.0.0.9", each) for each in ("239.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255", "0.0.0.0")),
    *(("IP6", "2001:db8::9", each) for each in ("ff02::1", "ff1e::2", "::", "::ffff:239.1.2.3", "::ffff:0:0")),
]


@pytest.mark.parametrize(("kind", "host", "group"), GROUPS)
def test_an_address_of_no_host_is_left_out(phone: Phone, kind: str, host: str, group: str) -> None:
    """They go where the voice goes then, at that port."""
    head = HEAD.format(kind=kind, host=host)
    assert sipext.reads_sdp(f"{head}a=rtcp:40001 IN {kind} {host}\r\n".encode())
    offer = f"{head}a=rtcp:40001 IN {kind} {group}\r\n".encode()
    assert not sipext.reads_sdp(offer)
    mended = mend_sdp(offer)
    assert mended is not None and b"a=rtcp:40001\r\n" in mended and sipext.reads_sdp(mended)
