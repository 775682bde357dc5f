"""Which container a file is, told by its first bytes, and what is refused by its name.

A container that is refused here would be decoded as text otherwise: the sentence about it would be
one about damage, or about columns that nobody has ever seen.
"""

from __future__ import annotations

from synthaudit.errors import InputError

_ARROW = (b"ARROW1", b"FEA1", b"\xff\xff\xff\xff")
_REFUSED = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip file inside a gzip file",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "an SQLite database",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"Obj\x01": "an Avro file",
    b"$FL2": "an SPSS file",
    b"$FL3": "an SPSS file",
    b"<stata_dta>": "a Stata file",
    b"RDX2\n": "an R data file",
    b"RDX3\n": "an R data file",
    b"X\n\x00\x00\x00": "an R data file",
    b"\x00" * 12 + b"\xc2\xea\x81\x60": "a SAS file",
}
_PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))


def format_of(content: bytes, table: str) -> str:
    """``parquet``, ``feather`` (any Arrow file) or ``csv`` (any text); the name does not count.

    Raises
    ------
    InputError
        For a container that no audit reads.
    """
    if content.startswith(b"PAR1"):
        return "parquet"
    if content.startswith(_ARROW):
        return "feather"
    # a text cannot begin with a pickle's two bytes: in no encoding are they a letter and another
    if content.startswith(_PICKLES):
        msg = (
            f"{table} is a Python pickle, which is not opened because opening one runs whatever "
            "code is in it; give a CSV or Parquet file."
        )
        raise InputError(msg)
    for magic, label in _REFUSED.items():
        if content.startswith(magic):
            msg = f"{table} is {label}; give a CSV or Parquet file."
            raise InputError(msg)
    return "csv"
