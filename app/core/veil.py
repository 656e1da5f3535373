"""Taking the persons out of a text: names, ID numbers, telephones, addresses, plates; for readers who decide on the
matter and not on the people. More is hidden rather than less; somebody reads the result before it is handed out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.masks import STARS, mask_address
from app.core.pinyin import surname_of
from app.core.words import WORDS

_HALF = {0xFF10 + n: str(n) for n in range(10)}  # full-width digits
_NUMBERS = (
    re.compile(r"(?<![0-9A-Za-z])[0-9]{6}(?:[ -]?[0-9]){8,11}[0-9Xx](?![0-9A-Za-z])"),  # ID numbers, old and new
    re.compile(r"(?<![0-9])1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])"),  # mobile phones
    re.compile(r"(?<![0-9])0[0-9]{2,3}[- ]?[0-9]{7,8}(?![0-9])"),  # land lines
    re.compile(r"(?<![0-9])[0-9]{4}(?:[ -][0-9]{4}){2,3}(?:[ -]?[0-9]{1,4})?(?![0-9])"),  # bank cards in groups
    re.compile(r"[0-9]{11,}[Xx]?"),  # accounts and other long numbers
    re.compile(r"[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+"),
    re.compile(rf"[{WORDS['veil']['plate']}][A-Z][ ·-]?[0-9A-Z]{{5,6}}(?![0-9A-Za-z])"),
)
_HOUSE = re.compile(
    rf"(?<=[{WORDS['veil']['house_after']}])(?:[0-9]+(?:-[0-9]+)*(?:{'|'.join(WORDS['veil']['house'])}))+"
)


def short_name(name: str) -> str:
    """The surname and two stars, whatever the length of the name; of one that is all surname, its first character."""
    surname = surname_of(name)
    return f"{surname if surname != name else name[:1]}**" if name else ""


def _spaced(name: str) -> str:
    """The name, also where blanks stand between its characters."""
    return r"[ \u3000]?".join(re.escape(char) for char in name)


@dataclass(frozen=True)
class Veil:
    """What a text is freed of: `names` in the order of the people, their `addresses`, further `words`.

    A given name alone is hidden, too, unless it stands in one of the `public` words (an organisation's name, say)."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    public: tuple[str, ...] = ()

    def name(self, name: str) -> str:
        """How somebody is called instead; people of one surname are told apart by a number."""
        short = short_name(name)
        same = [one for one in dict.fromkeys(self.names) if short_name(one) == short]
        return f"{short}{same.index(name) + 1}" if len(same) > 1 and name in same else short

    def _words(self) -> list[tuple[str, str]]:
        """(pattern, instead), the longest first, so that no name is cut by a shorter one."""
        found = {_spaced(name): self.name(name) for name in self.names if len(name) > 1}
        for name in self.names:
            given = name.removeprefix(surname_of(name))
            if len(given) > 1 and not any(given in word for word in self.public):
                found.setdefault(_spaced(given), "**")
        for address in self.addresses:
            found[re.escape(address)] = mask_address(address) or STARS
            tail = address.removeprefix(mask_address(address).removesuffix(STARS))
            if len(tail) > 2:
                found.setdefault(re.escape(tail), STARS)
        found |= {re.escape(word): STARS for word in self.words if word.strip()}
        return sorted(found.items(), key=lambda pair: -len(pair[0]))

    def over(self, text: str | None) -> str:
        """The text without the people."""
        shown = (text or "").translate(_HALF)
        for pattern, instead in self._words():
            shown = re.sub(pattern, instead.replace("\\", ""), shown)
        for numbers in _NUMBERS:
            shown = numbers.sub(STARS, shown)
        return _HOUSE.sub(STARS, shown)


def veil_of(
    names: Iterable[str], addresses: Iterable[str] = (), words: Iterable[str] = (), public: Iterable[str] = ()
) -> Veil:
    """A veil for these people."""
    return Veil(
        tuple(dict.fromkeys(name.strip() for name in names if name and name.strip())),
        tuple(dict.fromkeys(one.strip() for one in addresses if one and one.strip())),
        tuple(dict.fromkeys(word.strip() for word in words if word and word.strip())),
        tuple(public),
    )
