"""Server-sent events: a page learns what changed, and the server learns that a tab was closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from synthaudit.serve.house import House
from synthaudit.serve.sessions import Session

LOOK_EVERY = 0.25
SPEAK_EVERY = 5.0
"""Seconds after which something is said even if nothing changed, to notice a dead connection."""


def stream_of(session: Session, house: House) -> StreamingResponse:
    """The session's news until the tab is closed or the session is removed."""
    return StreamingResponse(_news(session, house), media_type="text/event-stream")


async def _news(session: Session, house: House) -> AsyncIterator[str]:
    session.watchers += 1
    try:
        said, silent = "", 0.0
        while house.sessions.get(session.id) is session:
            news = json.dumps(session.news(house.n_ahead(session)))
            if _without_clock(news) != _without_clock(said) or silent >= SPEAK_EVERY:
                said, silent = news, 0.0
                yield f"data: {news}\n\n"
            await asyncio.sleep(LOOK_EVERY)
            silent += LOOK_EVERY
        yield 'data: {"state": "removed"}\n\n'
    finally:
        session.watchers -= 1
        session.look()


def _without_clock(news: str) -> str:
    return news.partition('"seconds"')[0] + news.partition('"ahead"')[2]
