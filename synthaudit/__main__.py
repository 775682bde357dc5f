"""``python -m synthaudit`` is the same as ``synthaudit``."""

from synthaudit.cli import main

if __name__ == "__main__":
    main()
