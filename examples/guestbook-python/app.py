import hmac
from html import escape
from urllib.parse import parse_qs, urlsplit

from spin_sdk import http, key_value, variables
from spin_sdk.http import Request, Response
from spin_sdk.sqlite import Connection, Value_Integer, Value_Text
from spin_sdk.util import collect

SCHEMA = "CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL)"
HTML = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}
# Where the finished page is kept until somebody signs. Made while somebody signs, it may lack that entry until the next.
PAGE = "page"


class HttpHandler(http.Handler):
    """GET / is the book, POST /sign adds an entry, POST /remove takes one out for who knows the password."""

    async def handle_request(self, request: Request) -> Response:
        match request.method, urlsplit(request.uri).path:
            case "GET", "/":
                return Response(200, dict(HTML), await page())
            case "POST", "/sign":
                name, text = (field(request, key) for key in ("name", "text"))
                if not (0 < len(name) <= 100 and 0 < len(text) <= 1000):
                    return Response(400, dict(HTML), b"<p>A name and a text, please, of 100 and 1000 letters at most.")
                await execute("INSERT INTO entries (name, text) VALUES (?, ?)", Value_Text(name), Value_Text(text))
                return await changed()
            case "POST", "/remove":
                given, wanted = field(request, "password"), await variables.get("password")
                if not hmac.compare_digest(given.encode(), wanted.encode()):
                    return Response(403, dict(HTML), b"<p>That is not the password.")
                number = field(request, "id")
                if not number.isdecimal() or len(number) > 18:
                    return Response(400, dict(HTML), b"<p>That is no number.")
                await execute("DELETE FROM entries WHERE id = ?", Value_Integer(int(number)))
                return await changed()
            case _:
                return Response(404, dict(HTML), b"<p>There is nothing here.")


def field(request: Request, name: str) -> str:
    """A field of the form that was sent."""
    form = parse_qs((request.body or b"").decode(errors="replace"), max_num_fields=10)
    return form.get(name, [""])[0].strip()


async def execute(statement: str, *parameters) -> list:
    """The rows of a statement."""
    with await Connection.open_default() as db:
        for text, values in ((SCHEMA, []), (statement, list(parameters))):
            _, rows, outcome = await db.execute(text, values)
            found = await collect((rows, outcome))
    return [[value.value for value in row.values] for row in found]


async def changed() -> Response:
    """Sends the visitor back to the book, which has to be made anew."""
    with await key_value.open_default() as store:
        await store.delete(PAGE)
    return Response(303, {"location": "/"}, b"")


async def page() -> bytes:
    with await key_value.open_default() as store:
        kept = await store.get(PAGE)
        if kept is not None:
            return kept
        made = (await render()).encode()
        await store.set(PAGE, made)
        return made


async def render() -> str:
    title = escape(await variables.get("title"))
    shown = int(await variables.get("entries"))
    rows = await execute("SELECT id, name, text FROM entries ORDER BY id DESC LIMIT ?", Value_Integer(shown))
    entries = "".join(
        f'<li id="entry-{number}"><b>{escape(name)}</b>: {escape(text)} <small>#{number}</small>\n'
        for number, name, text in rows
    )
    return f"""<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body {{ max-width: 40em; margin: 2em auto; font-family: sans-serif }}</style>
<h1>{title}</h1>
<form method="post" action="/sign">
<p><label>Name <input name="name" maxlength="100" required></label>
<p><label>Text <textarea name="text" maxlength="1000" required></textarea></label>
<p><button>Sign</button>
</form>
<ul>
{entries}</ul>
"""
