"""The login form on a page: its hidden fields, of which one may be a CSRF token."""

from __future__ import annotations

from html.parser import HTMLParser


class _Form:
    def __init__(self) -> None:
        self.hidden: dict[str, str] = {}
        self.names: set[str] = set()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms = [_Form()]
        """The first takes what stands in no form."""
        self.inside = False
        self.meta: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form())
            self.inside = True
        elif tag == "meta" and given.get("name"):
            self.meta.setdefault(given["name"], given.get("content", ""))
        elif tag == "input" and given.get("name"):
            form = self.forms[-1] if self.inside else self.forms[0]
            form.names.add(given["name"])
            if given.get("type", "").lower() == "hidden":
                form.hidden.setdefault(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def hidden_fields(page: str, field: str, csrf: str | None) -> dict[str, str]:
    """Return the hidden fields of the form that has an input called `field`; none when there is no such form.

    A token that stands in another form or in a ``<meta name=...>`` is taken for the field `csrf`.
    """
    parser = _Page()
    parser.feed(page)
    parser.close()
    found = next((dict(form.hidden) for form in parser.forms if field in form.names), {})
    if csrf and csrf not in found:
        others = (form.hidden[csrf] for form in parser.forms if csrf in form.hidden)
        token = next(others, None) or parser.meta.get(csrf)
        if token:
            found[csrf] = token
    return found
