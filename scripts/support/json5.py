"""The part of JSON5 that people write by hand: comments, trailing commas, unquoted names, single quotes."""

from __future__ import annotations

import re

SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|' r"'(?:[^'\\\n]|\\.)*'", re.DOTALL)
NAME = re.compile(r"[A-Za-z_$][\w$]*")
NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
WORDS = {"true": True, "false": False, "null": None}


class JSON5Error(ValueError):
    pass


def loads(text: str):
    parser = _Parser(text)
    value = parser.value()
    parser.space()
    if parser.at != len(text):
        raise parser.error("the end")
    return value


class _Parser:
    def __init__(self, text: str):
        self.text, self.at = text, 0

    def error(self, wanted: str) -> JSON5Error:
        before = self.text[: self.at]
        line, column = before.count("\n") + 1, self.at - (before.rfind("\n") + 1) + 1
        return JSON5Error(f"{line}:{column}: expected {wanted}")

    def space(self) -> None:
        self.at = SPACE.match(self.text, self.at).end()

    def take(self, character: str) -> bool:
        self.space()
        if self.text.startswith(character, self.at):
            self.at += len(character)
            return True
        return False

    def match(self, pattern: re.Pattern) -> str | None:
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def value(self):
        if self.take("{"):
            return dict(self.items("}", self.member))
        if self.take("["):
            return list(self.items("]", self.value))
        string = self.match(STRING)
        if string is not None:
            return unescaped(string[1:-1])
        number = self.match(NUMBER)
        if number is not None:
            return int(number, 0) if re.fullmatch(r"[+-]?(0[xX][0-9a-fA-F]+|[1-9]\d*|0)", number) else float(number)
        start = self.at
        word = self.match(NAME)
        if word in WORDS:
            return WORDS[word]
        self.at = start
        raise self.error("a value")

    def items(self, end: str, item):
        while not self.take(end):
            yield item()
            if not self.take(","):
                if self.take(end):
                    return
                raise self.error(f"`,` or `{end}`")

    def member(self):
        self.space()
        string = self.match(STRING)
        name = unescaped(string[1:-1]) if string is not None else self.match(NAME)
        if name is None:
            raise self.error("a name")
        if not self.take(":"):
            raise self.error("`:`")
        return name, self.value()


def unescaped(text: str) -> str:
    def character(found: re.Match) -> str:
        code = found.group(1) or found.group(2)
        return chr(int(code, 16)) if code else ESCAPES.get(found.group(3), found.group(3))

    return ESCAPE.sub(character, text)
