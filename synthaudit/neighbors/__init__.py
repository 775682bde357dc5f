"""Exact nearest neighbours on mixed columns: one engine, used by everyone."""

from synthaudit.neighbors.index import NeighborIndex, Neighbors
from synthaudit.neighbors.leaves import leaves_of

__all__ = ["NeighborIndex", "Neighbors", "leaves_of"]
