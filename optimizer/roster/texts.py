"""A column of very many texts as arrays: all letters in a row, and where each text begins; no object for a text.

A text is made when it is asked for. What is asked about all of them at once (which are the same, which come first,
which are empty) is answered by their letters, eight of them as one number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import overload

import numpy as np
from numpy.typing import NDArray

from optimizer.roster.labels import Bools, Ints

Letters = NDArray[np.uint8]
Words = NDArray[np.uint64]
WORD = 8
"""Letters in one number."""
PAD = bytes(WORD)
"""Behind the last letter, so that a number can be read from every place."""
WIDE = 64
"""Bytes up to which texts are compared by numbers; longer ones by themselves."""
PIECE = 32_768
"""Texts whose letters are looked at together: they fit the cache."""
OFTEN = 32
"""Different texts that are looked for one by one, before the rest is sorted."""
_MASKS = np.array([0] + [(1 << 64) - (1 << 8 * (WORD - n)) for n in range(1, WORD + 1)], dtype=np.uint64)
_BLANKS = np.zeros(256, dtype=bool)
_BLANKS[list(b" \t\n\r\v\f\x1c\x1d\x1e\x1f")] = True
_FOLDED_TO_ASCII = tuple(letter.encode() for letter in "ßſẞ\u212aﬀﬁﬂﬃﬄﬅﬆ")
_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[ord("A") : ord("Z") + 1] += ord("a") - ord("A")


class Texts(Sequence[str]):
    """Texts, encoded as UTF-8.

    Args:
        letters: bytes of all of them, and of others, with `PAD` behind.
        starts: place of the first byte of each, shape (texts,).
        sizes: number of its bytes, shape (texts,).
    """

    def __init__(self, letters: Letters, starts: Ints, sizes: Ints) -> None:
        self.letters, self.starts, self.sizes = letters, starts, sizes

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Texts that are objects."""
        if isinstance(texts, Texts):
            return texts
        encoded = [_bytes(text) for text in texts]
        sizes = list(map(len, encoded))
        letters = np.frombuffer(b"".join([*encoded, PAD]), dtype=np.uint8)
        starts = list(accumulate(sizes, initial=0))[:-1]
        return cls(letters, np.array(starts, dtype=np.int64), np.array(sizes, dtype=np.int64))

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.starts)

    def __eq__(self, other: object) -> bool:
        """Whether these are the same texts in the same order, wherever their letters stand."""
        if not isinstance(other, Texts):
            return NotImplemented
        if self is other:
            return True
        if not np.array_equal(self.sizes, other.sizes):
            return False
        if self.widest > WIDE:
            return list(self) == list(other)
        pairs = zip(self.words(), other.words(), strict=True)
        return all(np.array_equal(mine, theirs) for mine, theirs in pairs)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[at] for at in range(*row.indices(len(self)))]
        begin = int(self.starts[row])
        return _text(self.letters[begin : begin + int(self.sizes[row])].tobytes())

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), PIECE):
            begins = self.starts[first : first + PIECE]
            ends = begins + self.sizes[first : first + PIECE]
            low, high = int(begins.min()), int(ends.max())
            if high - low > 64 * int((ends - begins).sum()) + PIECE:  # from all over a file, out of order
                pairs = zip(begins.tolist(), ends.tolist(), strict=True)
                yield from (_text(self.letters[begin:end].tobytes()) for begin, end in pairs)
                continue
            near = self.letters[low:high].tobytes()
            pairs = zip((begins - low).tolist(), (ends - low).tolist(), strict=True)
            if near.isascii():
                text = near.decode("ascii")
                yield from (text[begin:end] for begin, end in pairs)
            else:
                yield from (_text(near[begin:end]) for begin, end in pairs)

    def part(self, rows: Ints | Bools) -> Texts:
        """Some of them, in that order."""
        return Texts(self.letters, self.starts[rows], self.sizes[rows])

    def with_changed(self, changed: Mapping[int, str]) -> Texts:
        """The same with other texts in some places."""
        if not changed:
            return self
        others = Texts.of(list(changed.values()))
        rows = np.fromiter(changed, dtype=np.int64, count=len(changed))
        starts, sizes = self.starts.copy(), self.sizes.copy()
        starts[rows], sizes[rows] = others.starts + len(self.letters), others.sizes
        return Texts(np.concatenate([self.letters, others.letters]), starts, sizes)

    def each(self, rows: Ints, change: Callable[[str], str]) -> Texts:
        """The same with some texts changed one by one, those that stay as they are left alone."""
        changed = {}
        for row, text in zip(rows.tolist(), self.part(rows), strict=True):
            other = change(text)
            if other != text:
                changed[row] = other
        return self.with_changed(changed)

    def trimmed(self) -> Texts:
        """The same without blanks of ASCII around them."""
        texts = self
        for behind in (False, True):
            place = texts.starts + texts.sizes - 1 if behind else texts.starts
            rows = np.flatnonzero(texts.letters[place] <= ord(" "))  # few, to be looked at again
            rows = rows[(texts.sizes[rows] > 0) & _BLANKS[texts.letters[place[rows]]]]
            if len(rows) and texts is self:
                texts = Texts(self.letters, self.starts.copy(), self.sizes.copy())
            while len(rows):
                texts.sizes[rows] -= 1
                texts.starts[rows] += not behind
                at = texts.starts[rows] + (texts.sizes[rows] - 1 if behind else 0)
                rows = rows[(texts.sizes[rows] > 0) & _BLANKS[texts.letters[at]]]
        return texts

    # --- what they are like ----------------------------------------------------------------------------------

    @cached_property
    def widest(self) -> int:
        """Bytes of the longest."""
        return int(self.sizes.max(initial=0))

    @cached_property
    def empty(self) -> Bools:
        """Which say nothing, shape (texts,)."""
        return np.asarray(self.sizes == 0)

    def first(self) -> Letters:
        """The first byte of each, 0 for empty ones, shape (texts,)."""
        return np.asarray(self.letters[self.starts] * (self.sizes > 0))

    def last(self) -> Letters:
        """The last byte of each, 0 for empty ones, shape (texts,)."""
        return np.asarray(self.letters[self.starts + self.sizes - 1] * (self.sizes > 0))

    def has(self, letters: str) -> bool:
        """Whether any of some letters (ASCII) is among theirs."""
        signs = letters.encode("ascii")
        return self._any(lambda found: any((found == sign).any() for sign in signs))

    @cached_property
    def plain(self) -> bool:
        """Whether all of them are plain ASCII."""
        if not (self.letters >= 128).any():
            return True
        return not self._any(lambda found: bool((found >= 128).any()))

    def _any(self, told: Callable[[Letters], bool]) -> bool:
        """Whether something is told of the bytes of any; 0 may be among them."""
        if any(told(piece) for piece in self.pieces()):
            return True
        long = np.flatnonzero(self.sizes > WIDE) if self.widest > WIDE else np.zeros(0, dtype=np.int64)
        ends = (self.starts[long] + self.sizes[long]).tolist()
        return any(
            told(self.letters[begin:end]) for begin, end in zip(self.starts[long].tolist(), ends, strict=True)
        )

    @cached_property
    def foreign(self) -> Bools:
        """Which have letters beyond ASCII, shape (texts,)."""
        places = np.flatnonzero(self.letters >= 128)
        if not len(places):
            return np.zeros(len(self), dtype=bool)
        return np.searchsorted(places, self.starts) < np.searchsorted(places, self.starts + self.sizes)

    def pieces(self) -> Iterator[Letters]:
        """The bytes of texts up to `WIDE` long, some thousand texts at a time, shape (texts, bytes), 0 behind each end;
        longer ones are empty there."""
        for first in range(0, len(self), PIECE):
            starts, sizes = self.starts[first : first + PIECE], self.sizes[first : first + PIECE]
            if self.widest > WIDE:
                sizes = np.where(sizes > WIDE, 0, sizes)
            count = -(-int(sizes.max(initial=0)) // WORD)
            words = np.empty((len(starts), max(1, count)), dtype=">u8")
            for number in range(words.shape[1]):
                words[:, number] = _word(self.letters, starts, sizes, number)
            yield words.view(np.uint8)

    def among(self, letters: Collection[str]) -> Bools:
        """Which have no other letters than these (ASCII), shape (texts,); none that is longer than `WIDE` has."""
        fits = np.zeros(256, dtype=bool)
        fits[[0, *map(ord, letters)]] = True
        found = [fits[piece].all(axis=1) for piece in self.pieces()]
        together = np.concatenate(found) if found else np.zeros(0, dtype=bool)
        return np.asarray(together & (self.sizes <= WIDE))

    def holding(self, words: Collection[str]) -> Ints:
        """Those that may hold one of some words, in small or large letters, and all with letters beyond ASCII."""
        needed = [word for word in words if not any(other in word and other != word for other in words)]
        likely = self.sizes > WIDE
        if not self.plain:
            likely |= self.foreign
        first = 0
        for piece in self.pieces():
            letters, width = _LOWER[piece].tobytes(), piece.shape[1]
            for word in map(_bytes, needed):
                at = letters.find(word)
                while at >= 0:
                    likely[first + at // width] = True
                    at = letters.find(word, at + 1)
            first += len(piece)
        return np.flatnonzero(likely)

    def beginning(self, words: Collection[str]) -> Bools:
        """Which begin with the first three letters of one of some words (ASCII), small or large, shape (texts,)."""
        small = np.uint64(int.from_bytes(b"   "))  # a blank more or less is the letter's size
        wanted = np.array(
            [int.from_bytes(_bytes(word[:3].ljust(3, "\0"))) for word in words], dtype=np.uint64
        )
        first = _word(self.letters, self.starts, self.sizes, 0).astype(np.uint64) >> np.uint64(8 * (WORD - 3))
        return np.isin(first | small, np.unique(wanted | small))

    # --- which are the same ----------------------------------------------------------------------------------

    def folded(self) -> Texts:
        """The same without difference of large and small letters, as `str.casefold` has it."""
        if self.plain and not self._any(lambda found: bool((found - np.uint8(ord("A")) < 26).any())):
            return self
        lower = Texts(_LOWER[self.letters], self.starts, self.sizes)
        return lower if self.plain else lower.each(np.flatnonzero(self.foreign), str.casefold)

    def words(self) -> list[Words]:
        """Their letters as numbers, eight letters each, shape (texts,): these rise as texts do."""
        count = max(1, -(-self.widest // WORD))
        return [
            _word(self.letters, self.starts, self.sizes, number).astype(np.uint64) for number in range(count)
        ]

    def rising(self) -> tuple[Ints, Bools]:
        """Their order, of the same the first one first; and, in that order, which are the same as the one before."""
        if self.widest > WIDE:
            texts = list(self)
            rows = sorted(range(len(texts)), key=texts.__getitem__)
            repeated = [at > 0 and texts[row] == texts[rows[at - 1]] for at, row in enumerate(rows)]
            return np.array(rows, dtype=np.int64), np.array(repeated, dtype=bool)
        words = [*self.words(), self.sizes]
        order = np.lexsort(words[::-1])
        again = np.ones(len(self), dtype=bool)
        again[:1] = False
        for word in words:
            sorted_ = word[order]
            again[1:] &= sorted_[1:] == sorted_[:-1]
        return order, again

    def kinds(self) -> tuple[Ints, list[str]]:
        """Which of the different texts each is, shape (texts,); and these, in the order in which they first stand."""
        if self.widest > WIDE:
            numbers: dict[str, int] = {}
            codes = [numbers.setdefault(text, len(numbers)) for text in self]
            return np.array(codes, dtype=np.int64), list(numbers)
        found, first = np.zeros(len(self), dtype=np.int64), np.zeros(min(1, len(self)), dtype=np.int64)
        words = self.words()
        if self.has("\0"):  # of texts that end in 0 the size tells more
            words.append(self.sizes.astype(np.uint64))
        for word in words:
            own, their_first = _numbered(word)
            if len(their_first) > 1:
                found, first = _numbered(found * len(their_first) + own)
        return found, list(self.part(first))

    def are(self, wanted: Collection[str]) -> Bools:
        """Which are one of some texts without difference of large and small letters, shape (texts,)."""
        fits = frozenset(text.casefold() for text in wanted)
        found = np.zeros(len(self), dtype=bool)
        by_size: dict[int, list[bytes]] = {}
        for text in map(_bytes, fits):
            by_size.setdefault(len(text), []).append(text)
        for size, texts in by_size.items():
            rows = np.flatnonzero(self.sizes == size)
            if not len(rows):
                continue
            if size == 0 or size > WIDE:
                found[rows] = [_bytes(text.casefold()) in texts for text in self.part(rows)]
                continue
            first = 0
            for piece in self.part(rows).pieces():
                lower = _LOWER[piece].view(np.uint64)
                for text in texts:
                    same = np.frombuffer(text.ljust(piece.shape[1], b"\0"), dtype=np.uint64)
                    found[rows[first : first + len(piece)]] |= (lower == same).all(axis=1)
                first += len(piece)
        if not self.plain:  # letters beyond ASCII are folded to others, or to several
            rows = np.flatnonzero(self.foreign)
            if all(map(str.isascii, fits)):
                rows = rows[self.part(rows)._folding_to_ascii()]
            found[rows] = [text.casefold() in fits for text in self.part(rows)]
        return found

    def _folding_to_ascii(self) -> Bools:
        """Which may have no letters beyond ASCII but those that are folded to ASCII, shape (texts,)."""
        found = self.sizes > WIDE
        first = 0
        for piece in self.pieces():
            letters = piece.tobytes()
            if any(letter in letters for letter in _FOLDED_TO_ASCII):
                found[first : first + len(piece)] = True
            first += len(piece)
        return np.asarray(found)


def _word(letters: Letters, starts: Ints, sizes: Ints, number: int) -> Words:
    """Eight letters of each text as one number, the first counting most; 0 behind its end, shape (texts,)."""
    eights = np.ndarray((len(letters) - WORD + 1,), dtype=">u8", buffer=letters, strides=(1,))
    begin = starts + WORD * number if number else starts
    if number:
        begin = np.minimum(begin, len(letters) - WORD)
    return np.asarray(eights[begin] & _MASKS[np.clip(sizes - WORD * number, 0, WORD)])


def _numbered(keys: NDArray[np.uint64] | Ints) -> tuple[Ints, Ints]:
    """Which of the different keys each is, in the order in which they first stand; and where that is."""
    codes = np.zeros(len(keys), dtype=np.int64)
    left = np.flatnonzero(keys != keys[0]) if len(keys) else np.arange(0)
    first: list[int] = [0] if len(keys) else []
    while len(left) and len(first) < OFTEN:
        first.append(int(left[0]))
        other = keys[left] != keys[left[0]]
        codes[left[~other]] = len(first) - 1
        left = left[other]
    if len(left):
        _, at, own = np.unique(keys[left], return_index=True, return_inverse=True)
        order = np.argsort(at)
        place = np.empty(len(at), dtype=np.int64)
        place[order] = np.arange(len(first), len(first) + len(at))
        codes[left] = place[own]
        first += left[at[order]].tolist()
    return codes, np.array(first, dtype=np.int64)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(letters: bytes) -> str:
    return letters.decode("utf-8", "surrogatepass")
