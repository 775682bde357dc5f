"""synthaudit: attacks a synthetic table and measures how far it gives its training members away."""

from synthaudit._version import __version__

__all__ = ["__version__"]
