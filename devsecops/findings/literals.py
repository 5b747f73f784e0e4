"""Literals that are assigned, compared or passed to a name that holds secrets.

One scan over the text, whatever its language: Python, JavaScript, YAML, JSON, TOML, INI, .env, a
Dockerfile, a shell line, a tool's message. It never goes back over what it consumed: linear time.
When a text can be read in two ways, the reading that hides more wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from devsecops.findings.names import LOW_WORD, WORD, is_secret_name
from devsecops.findings.patterns import is_masked, mask

Spans = list[tuple[int, int]]

_NAME_END = re.compile(r"[\w-]*")
_AFTER_NAME = re.compile(r"(?P<quote>\\{0,3}[\"'`])?(?:[ \t]?\])*(?:\.\w+|\[[^\[\]\n]{0,80}\])*")
_ANNOTATION = re.compile(
    r"[ \t]*:[ \t]*[A-Za-z_][\w.]*(?:\[[^\]\n=]{0,80}\])?(?:[ \t]*\|[ \t]*[\w.]+){0,4}[ \t]*=(?!=)"
)
_OPERATOR = re.compile(
    r"(?P<space>[ \t]*)(?:(?P<cmp>[!=]==?|<>|"
    r"(?<=[ \t])(?:is[ \t]+not|is|not[ \t]+in|in|-eq|-ne)(?=[\s(\"'\[]))"
    r"|(?P<set>:=|=>|\+=|\|\|=?|\?\?=?|\?=|=|:(?!:)|(?<=[ \t])or(?=\s)))(?:[ \t]|\\\r?\n)*"
)
_MORE_TARGETS = re.compile(r"(?:[ \t]*,[ \t]*[A-Za-z_][\w.]*){1,5}[ \t]*=(?!=)")
_TARGETS_BEFORE = re.compile(r"[ \t]*(?:[A-Za-z_][\w.]*[ \t]*,[ \t]*)+\Z")
_STRING = re.compile(r"(?:\b[rbufRBUF]{1,2})?(?P<q>\"\"\"|'''|\\{1,3}[\"']|[\"'`])")
_TOKEN = re.compile(_STRING.pattern + r"|(?P<t>[()\[\]{},;\n#:?]|\\\r?\n)")
_BODIES = {
    '"': re.compile(r'[^"\\\n]*(?:\\(?:.|\n|\Z)[^"\\\n]*)*'),
    "'": re.compile(r"[^'\\\n]*(?:\\(?:.|\n|\Z)[^'\\\n]*)*"),
    "`": re.compile(r"[^`\\]*(?:\\(?:.|\n|\Z)[^`\\]*)*"),
}
_LOOKUP = re.compile(r"(?:get|getenv|environ|getattr|getpass|input|open|pop|reverse|[\w)]\[)[ \t]*\(?\Z")
_LEAD = re.compile(
    r"[ \t]*(?:(?:[-+*>$]|export|set|setenv|declare|typeset|readonly|-[a-z]|ENV|ARG|LABEL|env)[ \t]+"
    r"|[\"'#{])*"
    r"[\w.]*\Z"
)
_SPACED = re.compile(r"(?:^|[\s\"'])(?:ENV|ARG|login[ \t]+\S{1,99}|setenv)[ \t]+\Z")
_BLOCK = re.compile(r"[|>][+-]?\d?[+-]?[ \t]*(?:#[^\n]*)?\r?\n")
_WORD_VALUE = re.compile(r"[^\s\"'`,;()\[\]{}<>]+")
_QUERY_VALUE = re.compile(r"[^\s\"'`&#<>]+")
_CODE = re.compile(
    r"(?:(?:None|True|False|null|true|false|nil|undefined|NULL|self|this|yes|no|lambda|await|new|function|return|not"
    r"|async|str|string|bytes|int|bool|any|object|Any|String|boolean|number|type)\b(?![\w@#$%!-])"
    r"|[A-Za-z_]+(?:[.]|::|->)[A-Za-z_]|[A-Za-z_][\w.]*[ \t]?[(\[]"
    r"|[A-Za-z_]+[ \t]+(?:if|or|and|[-+%|]{1,2})[ \t]"
    r"|\$\{|\$\(|\$[A-Za-z_]+(?!\w)|\{\{|%\(|![A-Z]\w+[ \t]|[A-Z][a-z]+(?:[A-Z][a-z]+)+(?!\w)|&|\*)"
)
_PLAIN_NAME = re.compile(r"[A-Za-z_]+\Z")
_NUMBER = re.compile(r"[-+]?[\d_.]+\Z")
_REACH = 4000
# Of many literals in one call or table most are keys and messages: their plain words say nothing elsewhere.
_FEW = 2
_ORDINARY = re.compile(r"[A-Za-z][a-z]*(?:[ _.-][A-Za-z]+)*[.!]?\Z")


def _string(text: str, match: re.Match[str]) -> tuple[tuple[int, int], int]:
    """Return the body of the string literal that `match` opens, and where the text after it starts."""
    quote, start = match["q"], match.end()
    if len(quote) == 3 and quote[0] != "\\":
        end = text.find(quote, start)
        return ((start, len(text)), len(text)) if end < 0 else ((start, end), end + 3)
    if quote[0] == "\\":
        stop = _line_end(text, start)
        end = text.find(quote, start, stop)
        return ((start, stop), stop) if end < 0 else ((start, end), end + len(quote))
    body = _BODIES[quote].match(text, start)
    end = body.end() if body else start
    if quote == "`" and end == len(text):
        end = _line_end(text, start)
    return (start, end), end + (text[end : end + 1] == quote)


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _goes_on(text: str, pos: int) -> bool:
    """Tell whether the next line starts with a string: implicit concatenation, as tools wrap code."""
    start = re.compile(r"\s*").match(text, pos, pos + 200)
    return start is not None and _STRING.match(text, start.end()) is not None


def _opens_line(text: str, pos: int) -> bool:
    """Tell whether the line at `pos` carries an expression on, as formatters put operators."""
    match = re.compile(r"[ \t]*(?:[+%.]|\|\||&&|\?\?|\?)[ \t]*[\"'`(\w]").match(text, pos)
    return match is not None


class _Scan:
    """One pass over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        # Searching lower-case text is ten times faster than ignoring case; elsewhere lower() may move places.
        self.low = text.lower() if text.isascii() else text
        self.done = 0
        self.clear = (0, 0)

    def spans(self) -> Iterator[tuple[int, int, bool]]:
        """Yield what to hide, in order, never overlapping, and whether it is one of many of its name."""
        pos = 0
        while match := (WORD if self.low is self.text else LOW_WORD).search(self.low, pos):
            start, low = match.start(), max(self.done, match.start() - 64)
            while start > low and (self.text[start - 1].isalnum() or self.text[start - 1] in "_-"):
                start -= 1
            tail = _NAME_END.match(self.text, match.end())
            end = tail.end() if tail else match.end()
            pos = end
            if not is_secret_name(self.text[start : min(end, start + 160)]):
                continue
            spans, reached = self._around(start, end)
            for span in sorted(spans):
                if span[0] >= self.done and span[1] > span[0]:
                    self.done = span[1]
                    yield (*span, len(spans) > _FEW)
            pos = max(pos, reached, self.done)

    def _around(self, start: int, end: int) -> tuple[Spans, int]:
        text = self.text
        spans = self._compared_before(start)
        line = text.rfind("\n", max(0, start - 400), start) + 1
        prefix = text[line if line or start <= 400 else start - 400 : start]
        opened = prefix[-1:] in {'"', "'", "`"}
        after = _AFTER_NAME.match(text, end)
        pos = after.end() if after else end
        closed = after is not None and after["quote"] is not None
        if prefix.endswith("<") and text[pos : pos + 1] == ">":
            stop = re.compile(r"[^<\n]*").match(text, pos + 1)
            return [*spans, (pos + 1, stop.end() if stop else pos + 1)], pos + 1
        if opened and closed and (comma := re.compile(r"\s{0,40},\s{0,80}").match(text, pos)):
            more, pos = self._expression(comma.end())
            return spans + more, pos
        if text[pos : pos + 1] == "(" and not closed:
            more, pos = self._expression(pos + 1)
            short = "." in text[end:pos]
            spans += [(a, b) for a, b in more if not short or b - a > 2 or b - a == 0]
            pos += text[pos : pos + 1] == ")"
        return self._given(spans, prefix, text[start:end], pos, closed=closed)

    def _given(self, spans: Spans, prefix: str, name: str, pos: int, *, closed: bool) -> tuple[Spans, int]:
        """Look at what follows the name: an operator and its value."""
        text = self.text
        commas = _TARGETS_BEFORE.match(prefix) is not None
        if targets := _MORE_TARGETS.match(text, pos):
            pos, commas = targets.end() - 1, True
        if not closed and (note := _ANNOTATION.match(text, pos)):
            pos = note.end() - 1
        operator = _OPERATOR.match(text, pos)
        if operator is None:
            spaced = name.startswith("--") or _SPACED.search(prefix)
            gap = re.compile(r"[ \t]+").match(text, pos) if spaced and not closed else None
            if gap is None:
                return spans, pos
            more, pos = self._value(gap.end(), prefix, name, " ", tight=True)
            return spans + more, pos
        sign = operator["set"] or operator["cmp"]
        value = operator.end()
        tight = sign == "=" and not operator["space"] and not text[operator.end("set") : value]
        if operator["cmp"] or sign in {"or", "||", "??"}:
            more, pos = self._expression(value, compared=True)
            return spans + more, pos
        value = self._past_line(value, sign, closed=closed, prefix=prefix)
        more, pos = self._value(value, prefix, name, sign, tight=tight, commas=commas)
        return spans + more, pos

    def _past_line(self, value: int, sign: str, *, closed: bool, prefix: str) -> int:
        """A string on the next line is the value too, where the syntax has it so."""
        if sign == "=" or closed or not prefix.strip():
            gap = re.compile(r"[ \t]*\r?\n\s{0,200}").match(self.text, value)
            if gap and _STRING.match(self.text, gap.end()):
                return gap.end()
        return value

    def _value(
        self, pos: int, prefix: str, name: str, sign: str, *, tight: bool, commas: bool = False
    ) -> tuple[Spans, int]:
        text = self.text
        if block := _BLOCK.match(text, pos):
            return self._block(block.end(), prefix)
        string = _STRING.match(text, pos)
        if string and self._closes(prefix, string["q"], name, pos):
            return self._expression(string.end())
        if string or text[pos : pos + 1] in {"(", "[", "{"}:
            # A mask in place of a value is no list.
            if masked := re.compile(r"\[redacted(?::[a-z-]+)?\]").match(text, pos):
                return self._bare(masked.start(), prefix, name, sign, tight=tight)
            return self._expression(pos, commas=commas)
        return self._bare(pos, prefix, name, sign, tight=tight)

    def _closes(self, prefix: str, quote: str, name: str, pos: int) -> bool:
        """Tell whether the quote at `pos` ends the string in which the name stands."""
        if len(quote) != 1 or (prefix + self.text[pos - 2 : pos]).count(quote) % 2 == 0:
            return False
        return re.compile(r"[\s,)\]};:.+%#]|\Z").match(self.text, pos + 1) is not None

    def _block(self, pos: int, prefix: str) -> tuple[Spans, int]:
        """Return the lines of a YAML block scalar: all that are indented deeper than the key."""
        indent = len(prefix) - len(prefix.lstrip())
        start = pos
        while line := re.compile(r"([ \t]*)([^\n]*)(?:\n|\Z)").match(self.text, pos):
            if (line[2].strip() and len(line[1]) <= indent) or line.end() == pos:
                break
            pos = line.end()
        return [(start, pos)], pos

    def _bare(self, pos: int, prefix: str, name: str, sign: str, *, tight: bool) -> tuple[Spans, int]:
        """Return a value without quotes, where it reads as one, or the literals of the code there."""
        text = self.text
        query = prefix[-1:] in {"?", "&"} and sign == "="
        lead = _LEAD.match(prefix) is not None
        loud = tight and (name.isupper() or name.startswith("--") or sign == " ")
        if query and (match := _QUERY_VALUE.match(text, pos)):
            return [match.span()], match.end()
        word = _WORD_VALUE.match(text, pos)
        code = _CODE.match(text, pos) is not None
        if word is None or (code and not (loud and _PLAIN_NAME.match(word[0]))):
            return self._expression(pos)
        if lead and sign in {":", "="} and (tight or not self._reads_as_code(word[0], pos, sign)):
            if tight and not loud and self._reads_as_code(word[0], pos, sign):
                return self._expression(pos)
            return self._rest(pos, prefix)
        if loud or self._random(word[0]):
            more, end = self._expression(word.end())
            return [word.span(), *more], end
        return self._expression(pos)

    def _reads_as_code(self, word: str, pos: int, sign: str) -> bool:
        following = self.text[pos + len(word) : pos + len(word) + 1]
        if _NUMBER.match(word):
            return sign == "=" and len(word) < 4
        turns = sum(a.isupper() != b.isupper() for a, b in pairwise(word))
        if not _PLAIN_NAME.match(word) or (len(word) >= 12 and turns > 0.35 * len(word)):
            return False
        return sign == "=" or following in {",", ")", "]", "}"} or word == "str"

    def _random(self, word: str) -> bool:
        letters = any(c.isalpha() for c in word)
        return len(word) >= 4 and letters and not re.fullmatch(r"[A-Za-z_.:/%-]+", word)

    def _rest(self, pos: int, prefix: str) -> tuple[Spans, int]:
        """Return the rest of the line, without its comment and what closes it."""
        stop = _line_end(self.text, pos)
        quote = prefix[-1:] if prefix[-1:] in {'"', "'"} else ""
        if quote and (end := self.text.find(quote, pos, stop)) >= 0:
            stop = end
        comment = self.text.find(" #", pos, stop)
        stop = comment if comment >= 0 else stop
        value = self.text[pos:stop].rstrip(" \t\r,;")
        return [(pos, pos + len(value))], stop

    def _expression(self, pos: int, *, compared: bool = False, commas: bool = False) -> tuple[Spans, int]:
        """Return the bodies of all literals of the expression at `pos`, and where it ends."""
        text = self.text
        spans: Spans = []
        depth, question, after_string, stop = 0, False, False, pos + _REACH
        while match := self._next_token(pos, stop):
            if text[pos : match.start()].strip():
                after_string = False
            pos, token = match.end(), match["t"]
            if match["q"] is not None:
                before = text[max(0, match.start() - 24) : match.start()]
                body, pos = _string(text, match)
                if not _LOOKUP.search(before):
                    spans.append(body)
                after_string, stop = True, max(stop, pos + 200)
            elif token in "([{":
                depth += 1
            elif token in ")]}":
                depth -= 1
                if depth < 0:
                    return spans, match.start()
            elif token == "#":
                pos = _line_end(text, pos)
            elif token == "?":
                question = True
            elif depth == 0:
                wraps = after_string and token == "\n" and _goes_on(text, pos)
                if token == "\n" and not wraps and not _opens_line(text, pos):
                    return spans, match.start()
                if (
                    token == ";"
                    or (token == "," and not commas)
                    or (token == ":" and compared and not question)
                ):
                    return spans, match.start()
        return spans, min(max(pos, stop), len(text)) if depth > 0 else pos

    def _next_token(self, pos: int, stop: int) -> re.Match[str] | None:
        """Return the next token that starts before `stop`. What was searched once is not searched again."""
        low, high = self.clear
        within = low <= pos < high
        match = _TOKEN.search(self.text, high if within else pos)
        found = match.start() if match else len(self.text)
        self.clear = (low if within else pos, found)
        return match if found < stop else None

    def _compared_before(self, start: int) -> Spans:
        """Return the literal of a comparison that has it on the left: ``"x" == password``."""
        text = self.text
        near = text[max(self.done, start - 120) : start]
        if "=" not in near and " in " not in near:
            return []
        match = re.compile(r"([\"'])[ \t)]{0,9}(?:[!=]==?|<>|not[ \t]+in|in)[ \t(]{0,9}[\w.]{0,80}\Z").search(
            near
        )
        if match is None:
            return []
        close = start - len(near) + match.start()
        low = max(self.done, close - _REACH)
        opener = text.rfind(match[1], low, close)
        line = text.rfind("\n", low, close)
        if line > opener:
            opener = line
        return [(max(opener + 1, self.done), close)]


def hide_literals(text: str, found: list[str] | None = None) -> str:
    """Return `text` with the literals given to secret names masked; append them to `found`."""
    scan, out, last = _Scan(text), [], 0
    for start, end, listed in scan.spans():
        body = text[start:end]
        if is_masked(body):
            continue
        out += [text[last:start], mask(body)]
        last = end
        if found is not None and not (listed and _ORDINARY.match(body)):
            found.append(body)
    return "".join([*out, text[last:]]) if out else text
