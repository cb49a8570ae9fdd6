"""Texts that a terminal would obey or that something might take for markup, and what the app may write at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

ESC, BEL, ST = "\x1b", "\x07", "\x1b\\"

PAYLOADS = {
    "clear": f"{ESC}[2J{ESC}[H",
    "move": f"{ESC}[10;10Hmoved",
    "colours": f"{ESC}[31;7mred",
    "scroll region": f"{ESC}[1;5r{ESC}[3S",
    "insert and delete lines": f"{ESC}[5L{ESC}[5M",
    "leave the alternate screen": f"{ESC}[?1049l",
    "mouse on": f"{ESC}[?1003h{ESC}[?1006h",
    "hide the cursor": f"{ESC}[?25l",
    "reset": f"{ESC}c{ESC}[!p",
    "title": f"{ESC}]0;pwned{BEL}",
    "title, other end": f"{ESC}]2;pwned{ST}",
    "link": f"{ESC}]8;;http://evil.example{ST}click{ESC}]8;;{ST}",
    "clipboard": f"{ESC}]52;c;cHduZWQ={BEL}",
    "file": f"{ESC}]1337;File=inline=1:AAAA{BEL}",
    "colour of the terminal": f"{ESC}]10;#ff0000{BEL}",
    "working folder": f"{ESC}]7;file://host/etc{ST}",
    "notification": f"{ESC}]777;notify;a;b{BEL}",
    "question": f"{ESC}[6n{ESC}[c{ESC}]11;?{BEL}",
    "device control": f"{ESC}P+q544e{ST}",
    "sixel": f"{ESC}Pq#0;2;0;0;0~~{ST}",
    "picture": f"{ESC}_Ga=T,f=24;AAAA{ST}",
    "privacy message": f"{ESC}^private{ST}",
    "start of string": f"{ESC}Xstring{ST}",
    "rename of a pane": f"{ESC}kpwned{ST}",
    "character set": f"{ESC}(0lqk{ESC}(B",
    "C1 sequence": "\x9b2J\x9b31m",
    "C1 command": "\x9d0;pwned\x9c",
    "C1 string": "\x90q\x9c\x98x\x9c\x9fz\x9c",
    "bell": "a\x07b\x07c",
    "backspaces": "secret\x08\x08\x08\x08\x08\x08public",
    "return": "first\rsecond",
    "feeds": "a\x0bb\x0cc",
    "shifts": "a\x0eb\x0fc",
    "delete": "a\x7fb\x7fc",
    "null": "a\x00b\x05c\x11d\x13e",
    "overrides": "a\u202edlrow\u202cb\u2066c\u2069",
    "marks of direction": "a\u200eb\u200fc\u061cd",
    "zero width": "pass\u200bword\u2060x\ufefftrue\u00ad",
    "tags": "a\U000e0041\U000e0042\U000e007fb",
    "selectors": "a\ufe00b\U000e0100c",
    "separators": "a\u2028b\u2029c\x85d",
    "lone surrogates": "a\ud800b\udfffc",
    "half a sequence": f"end{ESC}[",
    "half a command": f"end{ESC}]0;never ends",
}

MARKUP = (
    "[bold]x[/]", "[b]x[/b]", "[/]", "[/nope]", "[red", "[red]x", "[$error]x[/]", "[not closed", "[[x]]",
    "[@click=app.quit]x[/]", "[@click=app.exit()]x[/]", "[link=http://evil.example]x[/link]", "[on red]x", "[#ff0000]x",
    "[bold italic]x[/bold]", "[b]x[/i]", "[blink reverse]x", "[]", "[ ]", "[=]", "[@]", "[@click=]x", "[[bold]x[/]]",
    ":smile:", "{0} {name}", "%s %(x)d", "<b>x</b>", "&lt;x&gt;", "$primary", "[dim]\\[x][/dim]",
)  # fmt: skip

ACTIVE = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=alert(1)>",
    "</style><script>x</script>", "</pre></details><iframe src=//evil.example>", "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))", "![x](http://evil.example/a.png)", "[x](http://evil.example)", "<http://evil.example>",
    "http://evil.example", "<!-- ", "]]>", "<![CDATA[", "&lt;script&gt;", "&#60;script&#62;",
    "<meta http-equiv=refresh content=0>", "<base href=//e>", "`</code><script>x</script>`",
    "```\n</pre><script>x</script>\n```", "<style>*{display:none}</style>", "javascript:alert(1)",
    "data:text/html,<script>x</script>", "<form action=//e><input></form>", "<math><mi xlink:href=javascript:x>",
    "<b onclick=x>", "[1]: javascript:alert(1)\n\n[x][1]", "{{7*7}}${7*7}", "<title>x</title>", "\x00<scr\x00ipt>",
    "＜script＞", "<br/onload=x>", "<details open ontoggle=alert(1)>", "<object data=//e>",
)  # fmt: skip
"""What a browser might run or fetch, were it put into a page as it is."""

_MODES = "(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)"
# All that the app itself writes: colours, where to write, what to scroll, modes, the keyboard, the pointer, no link,
# the title of the window; and what it asks: what modes there are, what is behind letters.
_OWN = re.compile(
    r"\x1b\[(?:"
    r"[0-9;]*m|[0-9]+(?:;[0-9]+)?H|[0-9]*C|(?:[0-9]+;[0-9]+)?r"
    rf"|\?{_MODES}[hl]|\?(?:1004|2026|2048)\$p|>29u|>4(?:;1)?m|>q|<u|2[23];0t"
    r")|\x1b\]2;(?:[^\x00-\x1f\x7f-\x9f]{0,80} - )?Workbench\x1b\\"
    r"|\x1b\]11;\?\x1b\\|\x1b\]22;default\x07|\x1b\]8;;\x1b\\|\r\n"
)
_FOREIGN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b\u200c\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\udc80-\udcff\U000e0000-\U000e0fff]"  # \udcxx: no UTF-8
)


def foreign(written: bytes) -> Iterator[str]:
    """What of these bytes is neither text that can be seen nor a sequence that the app itself writes."""
    text = written.decode("utf-8", "surrogateescape")
    for found in _FOREIGN.finditer(_OWN.sub("", text)):
        yield found.string[max(0, found.start() - 10) : found.end() + 20]
