"""Exact nearest neighbours on mixed columns: one engine, used by everyone."""

from synthaudit.neighbors.index import NeighborIndex, Neighbors

__all__ = ["NeighborIndex", "Neighbors"]
