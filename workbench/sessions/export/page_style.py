"""How an exported page looks: light or dark as its reader's system is, and readable on a telephone."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --text: #1d2126; --dim: #5b636d; --ground: #ffffff; --band: #f3f4f6; --line: #d6dae0;
  --accent: #0b5cad; --bar: #8a94a3; --wrong: #a4262c; }
@media (prefers-color-scheme: dark) {
  :root { --text: #dfe3e8; --dim: #9aa4b0; --ground: #15181c; --band: #20242a; --line: #3a414b; --accent: #7db7f5;
    --bar: #76808e; --wrong: #f0848a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; margin: 0; } h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
h3, h4, h5, h6 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
a { color: var(--accent); text-decoration: none; } a:hover, a:focus { text-decoration: underline; }
article { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1rem; }
.dim, .address { color: var(--dim); } .dim { font-size: .875rem; }
.question, .plain { white-space: pre-wrap; }
.question { background: var(--band); border-left: 3px solid var(--accent); margin: 0 0 1rem; padding: .6rem .8rem; }
.answer p { white-space: pre-line; }
.cited { text-decoration: underline; text-decoration-color: var(--accent); text-underline-offset: .2em;
  text-decoration-thickness: 1px; }
sup { font-size: .75em; line-height: 0; } sup a { padding: 0 .1em; }
:target { outline: 2px solid var(--accent); outline-offset: 2px; }
pre, code { font-family: ui-monospace, monospace; font-size: .875rem; }
mark { background: none; color: inherit; text-decoration: underline; text-decoration-color: var(--accent);
  text-decoration-thickness: 1px; text-underline-offset: .2em; }
pre { background: var(--band); margin: .4rem 0; padding: .6rem .8rem; white-space: pre-wrap; }
pre code { font-size: inherit; }
blockquote { border-left: 3px solid var(--line); margin: .5rem 0; padding-left: .8rem; }
table { border-collapse: collapse; } th, td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: left;
  vertical-align: top; }
.answer table, .wide { display: block; overflow-x: auto; }
.answer th, .answer td { overflow-wrap: break-word; }
.events { font-size: .8125rem; width: 100%; }
.source { margin: .6rem 0; } .source p { margin: 0; }
details { margin: .4rem 0; } summary { cursor: pointer; }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.step p { margin: .2rem 0; }
.bar { background: var(--band); height: .6rem; vertical-align: middle; width: 8rem; } .bar rect { fill: var(--bar); }
.ended { color: var(--wrong); }
@media (max-width: 30rem) { main { padding: .6rem; } .bar { width: 4rem; } .events td:first-child { display: none; } }
"""
