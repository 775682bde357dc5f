"""Named random streams.

Children are derived from the *name* of what they are for, never from the order in which they are
asked for: adding an attack moves no other attack's numbers, and the number of workers changes
nothing. (``SeedSequence.spawn`` is stateful, which is exactly what we cannot have.)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

Name = str | int


@dataclass(frozen=True)
class Streams:
    """A root seed and a path of names; every path is an independent stream.

    Examples
    --------
    >>> streams = Streams(0)
    >>> bool(streams.rng("a").random() == Streams(0).rng("a").random())
    True
    >>> bool(streams.rng("a").random() == streams.rng("b").random())
    False
    """

    root: int
    path: tuple[Name, ...] = ()

    def child(self, *names: Name) -> Streams:
        """The streams below ``names``: what a plug-in is given, so that its names are its own."""
        return Streams(self.root, self.path + names)

    def sequence(self, *names: Name) -> np.random.SeedSequence:
        """The ``SeedSequence`` of a path: root entropy, keyed by the digest of the names."""
        # repr keeps 1 and "1" apart, the separator keeps ("ab",) and ("a", "b") apart
        text = "\x1f".join(repr(name) for name in self.path + names)
        digest = hashlib.sha256(text.encode()).digest()
        key = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
        return np.random.SeedSequence(entropy=self.root, spawn_key=key)

    def rng(self, *names: Name) -> np.random.Generator:
        """A fresh generator at the start of the named stream."""
        return np.random.default_rng(self.sequence(*names))

    def integer(self, *names: Name) -> int:
        """A 31-bit seed for libraries that take an ``int`` (scikit-learn, torch)."""
        return int(self.sequence(*names).generate_state(1)[0] >> 1)
