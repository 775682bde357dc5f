"""The door: who may ask, and what every answer carries.

Three questions before any route is looked at. *Host*: a foreign name that resolves to 127.0.0.1
(DNS rebinding) has its own name in the header. *Token*: the first part of the path, compared in
constant time. *Origin*: a page from elsewhere that makes the browser send something here names
itself, and a request that changes something must name this page.
"""

from __future__ import annotations

from hmac import compare_digest

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from synthaudit.serve.settings import Settings

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# the report carries its style in itself and runs nothing
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # 'no-referrer' would make browsers send 'Origin: null' with our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """ASGI middleware: refuses strangers, strips the token off the path, adds the headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.hosts = {f"127.0.0.1:{settings.port}", f"localhost:{settings.port}"}
        self._ticket: str | None = settings.ticket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no websockets here
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", PAGE_POLICY)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = self._refusal(scope)
        if answer is not None:
            await answer(scope, receive, send_with_headers)
            return
        inside = dict(scope, root_path=f"/{self.settings.token}")
        await self.app(inside, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self.hosts or len(headers.getlist("host")) != 1:
            return PlainTextResponse("This page answers to its own address only.", 421)
        origin, own = headers.get("origin"), f"http://{host}"
        is_reading = scope["method"] in ("GET", "HEAD")
        if (origin is not None or not is_reading) and origin != own:
            return PlainTextResponse("Requests from other pages are refused.", 403)
        first, _, rest = scope["path"].removeprefix("/").partition("/")
        if first == "open" and is_reading:
            return self._opened(rest)
        if not _same(first, self.settings.token):
            return PlainTextResponse(
                "This address is not complete: use the one that 'synthaudit serve' printed.", 403
            )
        return None

    def _opened(self, ticket: str) -> Response:
        """The browser that was started with the ticket gets the address, once."""
        if self._ticket is None or not _same(ticket, self._ticket):
            return PlainTextResponse(
                "This link was used already: use the address that 'synthaudit serve' printed.", 403
            )
        self._ticket = None
        return RedirectResponse(f"/{self.settings.token}/", 303)


def _same(given: str, secret: str) -> bool:
    """Equal, in a time that does not depend on where they differ."""
    return compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode())
