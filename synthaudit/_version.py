"""The version, alone in its file so that the build and ``--version`` read it without imports."""

__version__ = "0.1.0"
