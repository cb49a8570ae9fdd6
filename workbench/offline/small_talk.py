"""Small talk: a greeting, thanks, a goodbye, or a question about the engine itself, and no more.

Owns these phrases, in the languages in which people greet a program most, and what kind of talk they are. A question
that begins with a greeting is none.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Final, Literal

from workbench.language.words import folded

Talk = Literal["greeting", "thanks", "parting", "asking"]
"""`asking` is a question about the engine, or a word that says nothing: `ok`, `test`, `help`."""

_OPENING: Final = 300  # code points in which small talk ends
_SPACED = re.compile(r"\S+")
_NO_WORD = re.compile(r"[^\w\s']")
_PHRASES: Final[dict[Talk, str]] = {
    "greeting": """
        hi, hello, hey, heya, hiya, howdy, greetings, good morning, good afternoon, good evening, good day
        hallo, servus, moin, guten tag, guten morgen, guten abend, grüß gott, grüezi, hej, hei, heisann, ahoj
        bonjour, bonsoir, salut, coucou, hola, buenos días, buenas tardes, buenas noches, ciao, buongiorno, buonasera
        olá, oi, bom dia, boa tarde, boa noite, goedendag, goedemorgen, god dag, dzień dobry, cześć, dobrý den
        привет, здравствуйте, добрый день, merhaba, selam, γεια σου, 你好, 您好, こんにちは, こんばんは
        おはようございます
        안녕하세요, 안녕, مرحبا, السلام عليكم, नमस्ते, שלום, xin chào
    """,
    "thanks": """
        thanks, thank you, thank you very much, many thanks, thx, ty, cheers
        danke, danke schön, dankeschön, vielen dank
        merci, merci beaucoup, merci bien, gracias, muchas gracias, grazie, grazie mille, obrigado, obrigada
        muito obrigado, tak, mange tak, takk, tack, tack så mycket, dank je, dank je wel, dank u, bedankt, kiitos
        dziękuję, děkuji, спасибо, большое спасибо, teşekkürler, ευχαριστώ, 谢谢, 谢谢你, 多谢, ありがとう
        ありがとうございます, 감사합니다, 고마워요, شكرا, धन्यवाद, תודה, cảm ơn
    """,
    "parting": """
        bye, bye bye, goodbye, good night, see you, see you later, tschüss, tschüs, auf wiedersehen, bis bald
        gute nacht, au revoir, à bientôt, bonne journée, bonne nuit, adiós, hasta luego, arrivederci, tchau, tot ziens
        ha det, до свидания, пока, 再见, さようなら, 안녕히 계세요
    """,
    "asking": """
        ok, okay, test, testing, ping, help, who are you, what are you, what can you do, how are you, are you there
        what is this, what's this, how does this work, how do you work, what is your name, what's your name
        who made you, what do you do, what do you know, what can i ask, what can i ask you
        are you a bot, are you a robot, are you a human, are you human, are you real, are you an ai, are you a model
        are you a language model, are you an llm, are you chatgpt, which model are you, what model are you
        wer bist du, wer sind sie, was bist du, was kannst du, wie geht's, wie geht es dir, was ist das, hilfe
        bist du ein mensch, bist du eine ki
        qui es tu, qui êtes vous, que peux tu faire, que sais tu faire, ça va, comment ça va, aide
        quién eres, qué eres, qué puedes hacer, cómo estás, ayuda, chi sei, cosa sai fare, come stai
        quem é você, quem és tu, o que você pode fazer, wie ben je, wat kun je, hvem er du, vem är du
        кто ты, что ты умеешь, как дела, 你是谁, 你能做什么, あなたは誰ですか, 누구세요
    """,
}
_AROUND: Final = """
    there, very much, so much, a lot, again, all, you, everyone, everybody, and, for your help, for the help, great
    nice, good, cool, perfect, super, wow, please, dear, workbench, und, et, y, e, dir, ihnen, zusammen, à tous
    a todos, that's all
"""


def _said(text: str) -> tuple[str, ...]:
    """The words of a text, without their accents and what stands between them."""
    return tuple(folded(_NO_WORD.sub(" ", text)).split())


def _phrases(text: str) -> list[tuple[str, ...]]:
    return [_said(phrase) for line in text.strip().splitlines() for phrase in line.split(",")]


_TALK: Final[dict[tuple[str, ...], Talk | None]] = {
    **dict.fromkeys(_phrases(_AROUND)),
    **{phrase: talk for talk, text in _PHRASES.items() for phrase in _phrases(text)},
}
_LONGEST: Final = max(map(len, _TALK))


def talk_of(text: str) -> Talk | None:
    """What kind of small talk a text is, by its first phrase that tells; None where it says more, or nothing."""
    words = _said(text[:_OPENING]) if len(text) < _OPENING else ()
    first: Talk | None = None
    at = 0
    while at < len(words):
        size = next((size for size in range(_LONGEST, 0, -1) if words[at : at + size] in _TALK), 0)
        if not size:
            return None
        first = first or _TALK[words[at : at + size]]
        at += size
    return first


def behind_greeting(text: str) -> str:
    """What a text asks behind the greeting or the thanks that it begins with; all of it where it begins otherwise."""
    for end in reversed([word.end() for word in islice(_SPACED.finditer(text[:_OPENING]), _LONGEST)]):
        if end < len(text.rstrip()) and talk_of(text[:end]) in ("greeting", "thanks"):
            return text[end:].lstrip()
    return text
