"""The page's addresses and what each answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from synthaudit.errors import SynthauditError
from synthaudit.serve.events import stream_of
from synthaudit.serve.guard import REPORT_POLICY, Guard
from synthaudit.serve.house import House
from synthaudit.serve.pages import asset, own_markup, page, stylesheet
from synthaudit.serve.sessions import AT_WORK, Session, State
from synthaudit.serve.settings import MEGABYTE, Settings
from synthaudit.serve.uploads import TooLargeError, receive_tables, small_form
from synthaudit.serve.worker import PACK, SHADOWS


def make_app(
    folder: Path, settings: Settings, quit_server: Callable[[], None] = lambda: None
) -> Guard:
    """The application behind its door; ``folder`` is private and removed by the caller."""
    house = House(folder, settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(house.sweep())
        yield
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper
        await house.close()

    app = Starlette(
        routes=[
            Route("/", start_page),
            Route("/audits", upload, methods=["POST"]),
            Route("/audits/{id}", audit_page),
            Route("/audits/{id}/events", events),
            Route("/audits/{id}/start", start, methods=["POST"]),
            Route("/audits/{id}/remove", remove, methods=["POST"]),
            Route("/audits/{id}/report", report),
            Route("/audits/{id}/pack", download),
            Route("/quit", leave, methods=["POST"]),
            Route("/static/{name}", static),
        ],
        lifespan=lifespan,
        exception_handlers={
            HTTPException: not_found,
            SynthauditError: refused,
            Exception: broken,
        },
    )
    app.state.house = house
    app.state.quit_server = quit_server
    # outside of everything, so that answers to errors carry the headers as well
    return Guard(app, settings)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _session(request: Request) -> Session:
    """The session the address names.

    Raises
    ------
    HTTPException
        404 when it was removed, or never was.
    """
    session = _house(request).sessions.get(request.path_params["id"])
    if session is None:
        raise HTTPException(404)
    session.look()
    return session


def _answer(template: str, request: Request, status: int = 200, **values: Any) -> HTMLResponse:
    house = _house(request)
    minutes = house.settings.forget_after / 60
    common = {
        "root": request.scope["root_path"],
        "sessions": list(house.sessions.values()),
        "minutes": round(minutes) if minutes >= 1 else f"{minutes:.1g}",
    }
    return HTMLResponse(page(template, **common, **values), status)


def _start_page(request: Request, status: int = 200, problem: str = "") -> HTMLResponse:
    limit = _house(request).settings.max_upload
    return _answer(
        "start.html",
        request,
        status,
        problem=problem,
        limit=limit,
        limit_words=f"{limit / MEGABYTE:,.0f} MB",
        removed="removed" in request.query_params,
    )


async def start_page(request: Request) -> Response:
    """Choose three files."""
    return _start_page(request)


async def upload(request: Request) -> Response:
    """Take the files in and have the doctor look at them."""
    house = _house(request)
    session: Session | None = None
    try:
        session = house.open_session()
        files = await receive_tables(request, session.folder, house.settings.max_upload)
    except (SynthauditError, HTTPException) as error:
        if session is not None:
            await house.remove(session)
        sentence = str(error) if isinstance(error, SynthauditError) else error.detail
        return _start_page(request, 413 if isinstance(error, TooLargeError) else 400, sentence)
    except BaseException:  # the browser went away in the middle
        if session is not None:
            await house.remove(session)
        raise
    house.examine(session, files)
    return _to(request, session)


def _to(request: Request, session: Session) -> RedirectResponse:
    return RedirectResponse(f"{request.scope['root_path']}/audits/{session.id}", 303)


async def audit_page(request: Request) -> Response:
    """The page of an audit, as far as it has come."""
    session = _session(request)
    if session.state in AT_WORK:
        news = session.news(_house(request).n_ahead(session))
        return _answer("working.html", request, session=session, news=news)
    if session.state is State.READY:
        return _answer(
            "ready.html", request, session=session, found=session.findings, shadows=SHADOWS
        )
    if session.state is State.DONE and session.verdict is not None:
        card = own_markup(session.verdict["card"])
        return _answer(
            "done.html", request, session=session, card=card, level=session.verdict["level"]
        )
    return _start_page(request, problem=session.problem)


async def events(request: Request) -> Response:
    """Progress, as it happens."""
    return stream_of(_session(request), _house(request))


async def start(request: Request) -> Response:
    """Start the audit with the chosen settings."""
    session = _session(request)
    form = await small_form(request)
    _house(request).start(
        session, str(form.get("policy", "")), thorough=form.get("thorough") == "full"
    )
    return _to(request, session)


async def remove(request: Request) -> Response:
    """Cancel or finish: everything of this audit is removed."""
    await _house(request).remove(_session(request))
    return RedirectResponse(f"{request.scope['root_path']}/?removed", 303)


def _finished(request: Request) -> Session:
    session = _session(request)
    if session.state is not State.DONE:
        raise HTTPException(404)
    return session


async def report(request: Request) -> Response:
    """The report for people."""
    return FileResponse(
        _finished(request).out / "report.html",
        media_type="text/html",
        headers={"Content-Security-Policy": REPORT_POLICY},
    )


async def download(request: Request) -> Response:
    """The pack: everything shareable in one archive."""
    session = _finished(request)
    return FileResponse(
        session.folder / PACK,
        media_type="application/zip",
        filename=f"audit-of-{Path(session.title).stem or 'table'}.zip",
    )


async def leave(request: Request) -> Response:
    """Stop the program."""
    # style and all in one piece: nothing can be asked for any more
    answer = _answer("goodbye.html", request, css=stylesheet())
    answer.headers["Content-Security-Policy"] = REPORT_POLICY
    request.app.state.quit_server()
    return answer


async def static(request: Request) -> Response:
    """Style sheets, the script, the icon."""
    found = asset(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    return Response(found.content, media_type=found.media_type)


async def not_found(request: Request, error: Exception) -> Response:
    """What was asked for is not here, most likely because it was removed."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _answer("gone.html", request, status)


async def refused(request: Request, error: Exception) -> Response:
    """Our own sentence."""
    return _start_page(request, 400, str(error))


async def broken(request: Request, error: Exception) -> Response:
    """A foreign error keeps its text, which may quote cells."""
    from synthaudit.plugins import place_of

    return _start_page(request, 500, f"Internal error: {place_of(error)}; please report it.")
