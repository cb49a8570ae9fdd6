"""Heights one above the other: where each begins, and which one a line is in. Every question costs O(log n)."""

from __future__ import annotations


class Heights:
    """A Fenwick tree over a list of heights."""

    def __init__(self) -> None:
        self._values: list[int] = []
        self._tree: list[int] = [0]
        self.total = 0

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> int:
        return self._values[index]

    def append(self, height: int) -> None:
        """Add a height, in lines, below the others."""
        self._values.append(height)
        at = len(self._values)
        covered, low = height, at - (at & -at)
        below = at - 1
        while below > low:
            covered += self._tree[below]
            below -= below & -below
        self._tree.append(covered)
        self.total += height

    def cut(self, count: int) -> None:
        """Keep the first `count`."""
        self.total = self.top(count)
        del self._values[count:]
        del self._tree[count + 1 :]

    def set(self, index: int, height: int) -> None:
        """Change the height at `index`, counted from 0."""
        growth = height - self._values[index]
        self._values[index] = height
        self.total += growth
        at = index + 1
        while growth and at < len(self._tree):
            self._tree[at] += growth
            at += at & -at

    def top(self, index: int) -> int:
        """What the first `index` heights add up to."""
        total = 0
        while index:
            total += self._tree[index]
            index -= index & -index
        return total

    def find(self, line: int) -> int:
        """The index of the height that `line`, counted from 0, is in; IndexError beyond the last."""
        if not 0 <= line < self.total:
            raise IndexError(line)
        at, step = 0, 1 << len(self._values).bit_length()
        while step:
            if at + step < len(self._tree) and self._tree[at + step] <= line:
                at += step
                line -= self._tree[at]
            step >>= 1
        return at
