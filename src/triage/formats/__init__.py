"""Files into plain cells and values, and back; nothing here knows what they mean.

Stands on: errors, messages.

Face:

    cells: clean, guarded, printable, risky
    letters: Letter, LetterError, read_letter
    parquet: MAGIC, ParquetFile, SLICE, SUFFIX
    read_xlsx: Sheet, WorkbookError, ZIP, open_workbook
    rows: BIGGEST_CELL, Cells, TextForm, find_encoding, find_header, is_blank, is_help,
        read_text
    spelling: nearest
    spool: RankedSpool
    values: Mismatch, UnreadableCell, normal, read_date, read_number
    whole_files: same_file, whole_file
    write_xlsx: SheetColumn, Value, WorkbookWriter
    yaml: DocumentError, Mapping, Sequence, line_of, parse, read_document
"""
