"""The OpenAPI document of `/api/v1`: what a program may ask, and what it may get.

Law: a table and what follows from it; pure. A route without a row here, or a row without a route, fails a test.
"""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]
_TEXT = {"type": "string"}
_NUMBER = {"type": "string", "pattern": "^[0-9*#+]{1,60}$", "description": "or a SIP address"}
_COUNT = {"type": "integer", "minimum": 0}
_YES = {"type": "boolean"}


def _object(required: Json, **more: Any) -> Json:
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": {**required, **more}, **needed}


def _list(of: Json) -> Json:
    return {"type": "array", "items": of}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: Json = {
    "Error": _object({"error": _TEXT}),
    "Setting": _object({
        "name": _TEXT, "value": _TEXT, "restart": _YES,
        "layer": {"type": "string", "enum": ["factory", "file", "administrator", "person"]},
    }, waits=_YES, warnings=_list(_TEXT)),
    "Call": _object({
        "id": _TEXT, "state": _TEXT, "direction": {"type": "string", "enum": ["in", "out"]}, "number": _TEXT,
        "name": _TEXT, "local_hold": _YES, "remote_hold": _YES,
    }),
    "State": _object({
        "title": _TEXT, "rows": _list(_TEXT), "softkeys": _list(_TEXT), "lamps": {"type": "object"}, "tone": _TEXT,
        "audio": {"type": "object"}, "hook_off": _YES, "servers": _list({"type": "object"}),
        "calls": _list({"$ref": "#/components/schemas/Call"}), "agent": {"type": "object"},
    }),
    "Status": _object({
        "state": {"$ref": "#/components/schemas/State"}, "version": _TEXT, "model": _TEXT, "mac": _TEXT,
        "address": _TEXT, "vlan": _TEXT, "port_access": _TEXT,
        "up_seconds": _COUNT, "failed_parts": _list(_TEXT), "counters": {"type": "object"},
    }),
}  # fmt: skip

_NAME = {
    "name": "name", "in": "path", "required": True, "schema": _TEXT, "example": "deskphone/volume/ring",
    "description": "as in a configuration file; its slashes as they are or as %2F",
}  # fmt: skip
_CALL = {"name": "call", "in": "path", "required": True, "schema": _TEXT, "description": "id of a call"}
_VERB = {
    "name": "verb", "in": "path", "required": True,
    "schema": {"type": "string", "enum": ["answer", "hold", "retrieve", "hang_up"]},
}  # fmt: skip
_SETTINGS = _object({"settings": _list(_ref("Setting"))})
_VALUE = _object({"value": {"anyOf": [_TEXT, {"type": "integer"}, _YES]}})
_FILE = {"type": "string", "minLength": 1, "example": "deskphone/volume/ring=5"}
_FILE_DONE = _object({"set": _list(_TEXT), "warnings": _list(_TEXT), "waits": _YES})

_CAPTURE = _object({"step": {"type": "string", "enum": ["none", "running", "done", "failed"]}},
                   until=_COUNT, packets=_COUNT, bytes=_COUNT, detail=_TEXT)  # fmt: skip
_LONG: Json = {"type": "integer", "minimum": 1, "maximum": 600}
_SECONDS, _LASTING = _object({"seconds": _LONG}), _object({}, seconds={**_LONG, "default": 60})
_BYTES = {"type": "string", "format": "binary"}
_BUNDLE = _object({"announcement": _BYTES, "bundle": _BYTES})
_FIRMWARE = _object({"version": _TEXT}, offered={"type": "object", "nullable": True},
                    update={"type": "object", "nullable": True}, checking=_YES)  # fmt: skip
_MESSAGES = _object({"messages": _list(_object({
    "number": _COUNT, "at": {"type": "number"}, "sent": _YES, "transport": _TEXT, "host": _TEXT, "port": _COUNT,
    "length": _COUNT, "text": _TEXT,
}))})  # fmt: skip


def _query(name: str, most: int, words: str, least: int = 0) -> Json:
    limits = {"type": "integer", "minimum": least, "maximum": most}
    return {"name": name, "in": "query", "required": False, "schema": limits, "description": words}


_TRACE = (_query("most", 400, "so many of the newest"), _query("after", 10**18 - 1, "those with a higher number"))
_LINES = (_query("lines", 500, "so many", least=1),)

# method, path, what it does, parameters, body, (code, kind, schema) of success, further codes
_ROWS: tuple[tuple[str, str, str, tuple[Json, ...], Json | None, tuple[int, str, Json], tuple[int, ...]], ...] = (
    ("get", "/state", "What the phone shows and does now", (), None, (200, "json", _ref("State")), ()),
    ("get", "/status", "The state, and what looks after a phone", (), None, (200, "json", _ref("Status")), ()),
    ("get", "/settings", "Every setting in force, secrets masked", (), None, (200, "json", _SETTINGS), ()),
    ("get", "/settings/{name}", "One setting", (_NAME,), None, (200, "json", _ref("Setting")), (404,)),
    ("put", "/settings/{name}", "Set it, as the administrator", (_NAME,), {"application/json": _VALUE},
     (200, "json", _ref("Setting")), (404, 409, 413, 415, 422)),
    ("delete", "/settings/{name}", "Take the administrator's value away", (_NAME,), None,
     (200, "json", _ref("Setting")), (404, 409, 422)),
    ("get", "/configuration", "Every setting as a file; secrets are comments", (), None, (200, "text", _TEXT), ()),
    ("put", "/configuration", "Set what a file says, all or nothing", (), {"text/plain": _FILE},
     (200, "json", _FILE_DONE), (409, 413, 415, 422)),
    ("get", "/firmware", "Which firmware runs, and how far an update is", (), None, (200, "json", _FIRMWARE), ()),
    ("post", "/firmware", "Bring a firmware: its announcement, then its bundle", (), {"multipart/form-data": _BUNDLE},
     (202, "json", _object({"version": _TEXT})), (409, 415, 422)),
    ("get", "/calls", "The calls of now", (), None, (200, "json", _object({"calls": _list(_ref("Call"))})), ()),
    ("post", "/calls", "Dial", (), {"application/json": _object({"number": _NUMBER})},
     (201, "json", _object({"call": _TEXT})), (409, 413, 415, 422)),
    ("post", "/calls/{call}/{verb}", "A key pressed for a call", (_CALL, _VERB), None,
     (200, "json", _object({"call": _TEXT})), (404, 409, 422)),
    ("delete", "/calls/{call}", "Hang up", (_CALL,), None, (200, "json", _object({"call": _TEXT})), (404, 409, 422)),
    ("get", "/trace", "The last SIP messages, secrets written over", _TRACE, None, (200, "json", _MESSAGES), (422,)),
    ("get", "/log", "The journal's last lines", _LINES, None, (200, "json", _object({"lines": _list(_TEXT)})), (422,)),
    ("get", "/capture", "What became of the last packet capture", (), None, (200, "json", _CAPTURE), ()),
    ("post", "/capture", "Capture packets for so many seconds", (), {"application/json": _LASTING},
     (202, "json", _SECONDS), (409, 413, 415, 422)),
    ("get", "/capture/packets", "The last capture (pcap)", (), None, (200, "pcap", _BYTES), (404, 409)),
    ("get", "/support", "The support bundle", (), None, (200, "gzip", _BYTES), ()),
    ("get", "/events", "What happens, as server-sent events", (), None, (200, "stream", _TEXT), ()),
    ("get", "/openapi.json", "This document", (), None, (200, "json", {"type": "object"}), ()),
)  # fmt: skip
_FOUND_IN = {
    ("post", "/calls"): (_CALL, "$response.body#/call"), ("get", "/calls"): (_CALL, "$response.body#/calls/0/id"),
    ("get", "/settings"): (_NAME, "$response.body#/settings/0/name"),
}  # fmt: skip
"""Where an answer has the id of a call, or the name of a setting, for what is done with one."""
_KINDS = {"json": "application/json", "text": "text/plain", "stream": "text/event-stream",
          "pcap": "application/vnd.tcpdump.pcap", "gzip": "application/gzip"}  # fmt: skip
_ALWAYS = {
    400: "no request, or a body that is not what its head says", 401: "no session and no token",
    403: "not for this user, host or site", 408: "it took too long",
    503: "the phone does not answer",
}  # fmt: skip
_CODES = {
    404: "no such setting or call", 409: "not possible now", 413: "too large",
    415: "another Content-Type", 422: "a value that does not fit; `error` says why",
}  # fmt: skip


def document(version: str) -> Json:
    """The document of this version of the program, OpenAPI 3.0.3."""
    paths: Json = {}
    for method, path, words, parameters, body, good, further in _ROWS:
        operation = _operation(words, parameters, body, good, further)
        operation["operationId"] = _name(method, path)
        if (method, path) in _FOUND_IN:
            operation["responses"][str(good[0])]["links"] = _links(*_FOUND_IN[method, path])
        paths.setdefault(f"/api/v1{path}", {})[method] = operation
    return {
        "openapi": "3.0.3",
        "info": {"title": "deskphone", "version": version or "0", "description": "One phone, by its owner's token."},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _name(method: str, path: str) -> str:
    """The operationId of a row: letters and underscores."""
    return method + re.sub(r"\W+", "_", path).rstrip("_")


def _links(parameter: Json, found: str) -> Json:
    """What a program may do next with what stands there in an answer (OpenAPI's Link Objects)."""
    names = (_name(row[0], row[1]) for row in _ROWS if parameter in row[3])
    return {name: {"operationId": name, "parameters": {parameter["name"]: found}} for name in names}


def _operation(
    words: str, parameters: tuple[Json, ...], body: Json | None, good: tuple[int, str, Json], further: tuple[int, ...]
) -> Json:
    code, kind, schema = good
    answers: Json = {str(code): {"description": "done", "content": {_KINDS[kind]: {"schema": schema}}}}
    wrong = {"application/json": {"schema": _ref("Error")}}
    for each, why in (*_ALWAYS.items(), *((each, _CODES[each]) for each in further)):
        answers[str(each)] = {"description": why, "content": wrong}
    operation: Json = {"summary": words, "parameters": list(parameters), "responses": answers}
    if body is not None:
        content = {kind: {"schema": schema} for kind, schema in body.items()}
        operation["requestBody"] = {"required": True, "content": content}
    return operation
