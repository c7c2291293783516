"""Where roused and Node.js are meant to differ: each rule says who is stricter, by which section,
and why; and what both must say, about which bytes, for a difference to be its. The sections are of
RFC 9112 unless 9110 is said."""

import dataclasses
import re

from observation import Outcome

# By the major version of llhttp, the parser of Node.js: 6 is in Node.js 18, which Debian 12 has; 8
# in the first releases of 20; 9 in its later ones, in 22 and in 24. What is newer is taken for 9.
OLDEST_PARSER = 6
NEWEST_PARSER = 9
EVERY_PARSER = range(OLDEST_PARSER, NEWEST_PARSER + 1)
# Until llhttp 9 dropped its "strict mode" (its pull request 234), Node.js built it without.
LOOSE_PARSERS = range(OLDEST_PARSER, 9)
# The same of roused, also where nothing is routed, or only OPTIONS is answered.
PROCEEDS = "accepted( with (204|40[45]))?|nothing"
NAME_WITH_SPACE = rb"\n(:|[^:\r\n]* [^:\r\n]*(:|\Z))"  # Or without a byte.
GOES_ON = "accepted|nothing"  # It reads on, to the end of the request or of what there is.


@dataclasses.dataclass(frozen=True)
class Rule:
    """`roused` and `node` are patterns for the whole of an outcome; `shape` is searched in the
    bytes. `example` is a request that shows the difference, with each of `parsers`."""
    name: str
    stricter: str
    section: str
    roused: str
    node: str
    shape: bytes
    why: str
    example: bytes
    parsers: range = EVERY_PARSER

    def explains(self, roused: Outcome, node: Outcome, data: bytes) -> bool:
        says = re.fullmatch(self.roused, str(roused)) and re.fullmatch(self.node, str(node))
        return bool(says and re.search(self.shape, data))


def lines(*texts: bytes) -> bytes:
    return b"\r\n".join(texts) + b"\r\n\r\n"


def get(*fields: bytes) -> bytes:
    return lines(b"GET /anything HTTP/1.1", *fields)


def post(*fields: bytes, body: bytes = b"0\r\n\r\n") -> bytes:
    return lines(b"POST /anything HTTP/1.1", b"Host: a", *fields) + body


RULES = [
    Rule("two Hosts", "roused", "3.2",
         "refused 400 .*: more than one Host", GOES_ON, rb"(?is)\nhost:.*\nhost:",
         "The section asks for 400. Which Host counts decides who is asked: Node.js takes the "
         "first.",
         get(b"Host: a", b"host: b")),
    Rule("a malformed Host", "roused", "3.2",
         "refused 400 .*: Host is malformed", GOES_ON, rb"(?i)\nhost:",
         "The section asks for 400. Node.js leaves the value to the program.",
         get(b"Host: a b")),
    Rule("no Host", "roused", "3.2",
         "refused 400 .*: Host is missing", GOES_ON, rb"HTTP/1\.1\r\n",
         "The section asks for 400. Node.js does so as of its version 20.",
         get(b"A: b"), range(6, 8)),
    Rule("a space in, before or after a header name, or none at all", "roused", "5.1",
         "refused 400 .*: (white space before the colon of a header|a header line begins with "
         "white space|a header name is not a token)",
         GOES_ON, NAME_WITH_SPACE,
         "White space before the colon must be refused, since it hides a field from who does not "
         "trim it. Loose, llhttp had the space among the bytes of a name, and took an empty one.",
         get(b"Host: a", b"A : b"), LOOSE_PARSERS),
    Rule("a folded line", "roused", "5.2",
         "refused 400 .*: a header line begins with white space", GOES_ON, rb"\n[ \t]",
         "Refusing is what is asked for first. llhttp 9.2.1 does, and so does 6.1.1, for "
         "CVE-2024-27982.",
         get(b"Host: a", b" A"), range(8, 9)),
    Rule("another end of a head or of a trailer", "roused", "2.2",
         "refused 400 .*: an? (LF without CR|CR without LF)", GOES_ON, rb"\n(\n|\r[^\n])",
         "Loose, llhttp ended them at an LF, and at a CR with any byte behind it.",
         get(b"Host: a")[:-2] + b"\n", LOOSE_PARSERS),
    Rule("an empty Expect", "node", "9110, 10.1.1",
         "accepted", "refused 417", rb"(?i)\nexpect:[ \t]*\r\n",
         "An empty list expects nothing.",
         get(b"Host: a", b"Expect:")),
    Rule("an expectation that nobody knows", "roused", "9110, 10.1.1",
         "refused 417 .*", GOES_ON, rb"(?i)\nexpect:",
         "417 is allowed for any member but 100-continue. Node.js looks for 100-continue anywhere "
         "in the list, and in one line only.",
         get(b"Host: a", b"Expect: 100-continue, x")),
    Rule("a target for another method", "roused", "3.2.4",
         "refused 400 .*: the request target is malformed", GOES_ON, rb"[A-Z-] \* ",
         "The asterisk is for OPTIONS. Node.js hands it on.",
         lines(b"GET * HTTP/1.1", b"Host: a")),
    Rule("more than one space around the target", "roused", "3",
         "refused 400 .*: (the request target|the HTTP version) is malformed", GOES_ON,
         rb"(?m)^[^ \r\n]+(  | [^ \r\n]+  )",
         "One SP on either side. Lenient parsing is allowed, and has led to smuggling.",
         lines(b"GET  /anything HTTP/1.1", b"Host: a")),
    Rule("a request line without a version", "roused", "2.3",
         "refused 400 .*: the request target is malformed", GOES_ON, rb"(?m)^[A-Z-]+ [^ \r\n]*\r?$",
         "This is HTTP/0.9: no header, no length, a body up to the end of the connection.",
         lines(b"GET /anything", b"Host: a")),
    Rule("a target with bytes that no URI has", "roused", "3.2",
         "refused 400 .*: the request target is malformed", GOES_ON,
         rb"(?m)^[A-Z-]+ [^ \r\n]*[\"#<>\x00-\x1f\x7f-\xff]",
         "400 is asked for. A fragment is never sent, and the rest must be escaped.",
         lines(b"GET /anything#a HTTP/1.1", b"Host: a")),
    Rule("an authority that is malformed", "roused", "9110, 4.2",
         "refused 400 .*: the request target is malformed", GOES_ON,
         rb"(?im)^[A-Z-]+ https?://",
         "User information in an http URI is an error, and an empty host invalid. Node.js does not "
         "look.",
         lines(b"GET http://u@a/anything HTTP/1.1", b"Host: a")),
    Rule("a scheme or form that is not served", "roused", "3.2",
         "refused 400 .*: the request target is malformed", GOES_ON,
         rb"(?im)^[A-Z-]+ (?!https?://|/)[^ \r\n]",
         "A target is a path, an http or https URI, or the asterisk. Node.js takes any scheme.",
         lines(b"GET ftp://a/anything HTTP/1.1", b"Host: a")),
    Rule("an LF before the request", "roused", "2.2",
         "refused 400 .*: an LF without CR", GOES_ON, rb"\n",
         "Empty lines, which are CR LF, may be passed over. Node.js passes over any CR and LF.",
         b"\n" + get(b"Host: a")),
    Rule("a CR before the request", "roused", "2.2",
         "refused 400 .*: a CR without LF", GOES_ON, rb"\r",
         "As for LF.",
         b"\r" + get(b"Host: a")),
    Rule("many empty lines before the request", "roused", "2.2",
         "refused 400 .*: too many empty lines before the request", GOES_ON, rb"(\r\n){5}",
         "At least one is to be passed over; a bound keeps a sender from sending nothing for ever.",
         b"\r\n" * 5 + get(b"Host: a")),
    Rule("a method that only Node.js knows", "roused", "9110, 15.6.2",
         "refused 501 .*: the method is not known here", GOES_ON, rb"(^|\n)(M-SEARCH|PROPFIND|QUERY|SOURCE) ",
         "501, whatever the path. Node.js has the methods of WebDAV and others in its list.",
         lines(b"PROPFIND /anything HTTP/1.1", b"Host: a")),
    Rule("a method that neither knows", "neither", "9110, 9.1",
         "nothing", "refused HPE_INVALID_METHOD", rb"",
         "Any token is a method: 501 comes at the end of the head, which never came. Node.js "
         "refuses a byte before the method is whole.",
         lines(b"BREW /anything HTTP/1.1")[:-2]),
    Rule("HTTP/1.2 and later", "node", "9110, 6.2",
         PROCEEDS, "refused HPE_INVALID_VERSION", rb"HTTP/1\.[2-9]",
         "A higher minor version is to be read as the highest that is known: HTTP/1.1.",
         lines(b"GET /anything HTTP/1.2", b"Host: a")),
    Rule("a major version that is not served", "roused", "9110, 15.6.6",
         "refused 505 .*", GOES_ON, rb"HTTP/(0\.9|2\.0)",
         "505. Node.js takes 0.9 and 2.0 for the syntax of 1.1.",
         lines(b"GET /anything HTTP/0.9", b"Host: a")),
    Rule("a protocol of another name", "roused", "2.3",
         "refused 400 .*: the HTTP version is malformed", GOES_ON,
         rb" (ICY/|RTSP/|(IC?Y?|RT?S?P?)\Z)",
         "The name is HTTP. Node.js takes RTSP and ICY for some methods.",
         lines(b"GET /anything RTSP/1.0", b"Host: a")),
    Rule("CONNECT", "neither", "9110, 9.3.6",
         "refused .*", "nothing", rb"(^|\n)CONNECT ",
         "There is no tunnel in either: 501 here, or what else is wrong with the head; Node.js "
         "closes without an answer.",
         lines(b"CONNECT a:80 HTTP/1.1", b"Host: a:80")),
    Rule("a persistent connection asked of a proxy", "roused", "C.2.2",
         "nothing", "accepted", rb"(?is)HTTP/1\.0\r\n(.*\n)?proxy-connection:[ \t]*keep-alive",
         "Proxy-Connection is not for servers, so HTTP/1.0 closes. Node.js stays open.",
         lines(b"GET /anything HTTP/1.0", b"Proxy-Connection: keep-alive")
         + get(b"Host: a")),
    Rule("close beside keep-alive", "roused", "9.3",
         "nothing", "accepted", rb"(?is)\nconnection:[ \t]*close",
         "Close wins, whatever stands beside it. In Node.js HTTP/1.0 stays open.",
         lines(b"GET /anything HTTP/1.0", b"Connection: keep-alive", b"Connection: close, x")
         + get(b"Host: a")),
    Rule("chunked in HTTP/1.0", "roused", "6.1",
         "refused 400 .*: Transfer-Encoding in HTTP/1.0", GOES_ON, rb"HTTP/1\.0\r\n",
         "Faulty framing: who did not know the field reads the body as the next request.",
         lines(b"POST /anything HTTP/1.0", b"Transfer-Encoding: chunked")),
    Rule("a head that is wrong before it ends", "neither", "2.2",
         "nothing", "refused HPE_INVALID_(URL|TRANSFER_ENCODING|CONTENT_LENGTH)", rb"",
         "The form of the target, and what several lines say together, is judged at the end of the "
         "head here: as here it never came, nothing is answered.",
         b"GET a:80 HTTP/1.1\r\n"),
    Rule("a coding that is not known", "roused", "6.1",
         "refused 501 .*: a transfer coding is not implemented", GOES_ON,
         rb"(?i)\ntransfer-encoding:[^\r]*,",
         "501 is asked for. Node.js hands the body on as it is coded.",
         post(b"Transfer-Encoding: gzip, chunked")),
    Rule("a coding list with empty members", "roused", "6.3",
         "refused 400 .*: Transfer-Encoding does not end in chunked", GOES_ON,
         rb"(?i)\ntransfer-encoding:[ \t]*(,|\r\n)",
         "No list, or one that no client sends: refused, since it frames the message.",
         post(b"Transfer-Encoding: ,chunked")),
    Rule("codings in two lines", "roused", "6.1",
         "refused 400 .*: (Transfer-Encoding does not end in chunked|more than one "
         "Transfer-Encoding)",
         GOES_ON, rb"(?is)\ntransfer-encoding:.*\ntransfer-encoding:",
         "One list, of which only chunked alone is served. Node.js looks at the last line.",
         post(b"Transfer-Encoding: x", b"Transfer-Encoding: chunked")),
    Rule("a tab behind a coding", "node", "9110, 5.5",
         PROCEEDS, "refused HPE_INVALID_TRANSFER_ENCODING",
         rb"(?i)\ntransfer-encoding:[^\r\n]*chunked[ \t]*\t[ \t]*\r\n",
         "White space around a value is none of it. llhttp knows only the space there.",
         post(b"Transfer-Encoding: chunked\t")),
    Rule("a framing field that is refused at its line", "roused", "6.3",
         "refused 400 .*: (Transfer-Encoding does not end in chunked|Content-Length is not .*)",
         "nothing", rb"(?is)\A(?!.*\r\n\r\n).*\n(transfer-encoding|content-length):",
         "Node.js judges it at the end of the head, which never came.",
         b"POST /anything HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n"),
    Rule("framing fields in a trailer", "node", "9110, 6.5.1",
         PROCEEDS,
         "refused HPE_(INVALID|UNEXPECTED)_(CONTENT_LENGTH|TRANSFER_ENCODING)",
         rb"(?is)\r\n0+[^\r\n]*\r\n.*(content-length|transfer-encoding)",
         "The trailer is dropped, so nothing in it can frame anything.",
         post(b"Transfer-Encoding: chunked", body=b"0\r\nContent-Length: x\r\n\r\n")),
    Rule("a trailer line that is malformed", "roused", "7.1.2",
         "refused 400 .*: a trailer line is malformed", GOES_ON, NAME_WITH_SPACE,
         "As in the head.",
         post(b"Transfer-Encoding: chunked", body=b"0\r\nA : b\r\n\r\n"), LOOSE_PARSERS),
    Rule("white space before a chunk extension", "node", "7.1.1",
         PROCEEDS, "refused HPE_INVALID_CHUNK_SIZE", rb"[0-9a-fA-F][ \t]+(;|\Z)",
         "BWS, which a recipient must accept.",
         post(b"Transfer-Encoding: chunked", body=b"1 ;a\r\na\r\n0\r\n\r\n")),
    Rule("a chunk extension outside the grammar", "node", "7.1.1",
         PROCEEDS, "refused HPE_STRICT", rb"\n[0-9a-fA-F]+[ \t]*;",
         "Extensions are ignored. What could end the line early, a CR, an LF or another control, "
         "is refused in both.",
         post(b"Transfer-Encoding: chunked", body=b"1;a b\r\na\r\n0\r\n\r\n"),
         range(8, NEWEST_PARSER + 1)),
    Rule("a chunk that does not end in CR LF", "roused", "7.1",
         "refused 400 .*: a chunk does not end in CR LF", "accepted|nothing|refused HPE_.*",
         rb"(?i)\ntransfer-encoding:.*chunked",
         "Where chunks end would depend on who reads. Loose, llhttp passed over any two bytes, and "
         "judged what came then.",
         post(b"Transfer-Encoding: chunked", body=b"1\r\naXY0\r\n\r\n"), LOOSE_PARSERS),
    Rule("many zeros before a chunk size", "roused", "7.1",
         "refused 400 .*: a chunk size has too many digits", GOES_ON, rb"\n0[0-9a-fA-F]{16,}",
         "Overflow is to be prevented; 16 digits hold every size.",
         post(b"Transfer-Encoding: chunked", body=b"0" * 16 + b"1\r\na\r\n0\r\n\r\n")),
    Rule("a body above the limit", "neither", "9110, 15.5.14",
         "refused 413 .*", "nothing", rb"(?i)\n(content-length:[ \t]*[0-9]{17,}|[0-9a-f]{12,}\r\n)",
         "413 at once; Node.js has no limit, and waits for the body.",
         post(b"Content-Length: 9223372036854775807", body=b"a")),
    Rule("an answer that did not wait for the body", "neither", "9110, 10.1.1 and 6.4",
         "accepted with (204|40[45])|nothing", "refused HPE_.*|accepted|nothing",
         rb"(?s)^(?![A-Z-]+ (http://[^/ ]+)?/anything[/? ])"
         rb".*(?i:transfer-encoding|content-length):",
         "Nothing is routed there: 404, or 204 to OPTIONS, before the body is read. When that is "
         "malformed, or held back behind 100-continue, the connection closes without a second "
         "answer.",
         lines(b"POST /nowhere HTTP/1.1", b"Host: a", b"Transfer-Encoding: chunked") + b"x"),
]
