"""Files into plain cells and values, and back; nothing here knows what they mean.

Stands on: errors, messages.

Face:

    cells: clean, guarded, printable, risky, shielded, unshielded
    csv_forms: BYTE_ORDER_MARK, CSV_FORMS, CsvForm, PLAIN_CSV
    encodings: ENCODING_NAMES, Encoding, OLDER, StrayCell, find_encoding, marked
    file_names: one_line
    letters: Letter, LetterError, read_letter
    parquet: MAGIC, ParquetFile, SLICE, SUFFIX
    rows: BIGGEST_CELL, Cells, Row, TextForm, read_text
    sheets: OLD_OFFICE, Sheet, WorkbookError, ZIP
    spelling: nearest
    spool: RankedSpool
    strict_json: DuplicateKeyError, read_json
    values: Mismatch, UnreadableCell, normal, read_date, read_number
    whole_files: same_file, whole_file
    workbooks: open_workbook
    write_xlsx: SheetColumn, Value, WorkbookWriter
    yaml: DocumentError, Mapping, Sequence, line_of, parse, read_document
"""
