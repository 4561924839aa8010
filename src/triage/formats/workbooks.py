"""Workbooks of every kind -> their sheets; the content shows which kind it is."""

import zipfile
from typing import IO

from triage.formats.read_ods import CONTENT, open_ods
from triage.formats.read_xls import open_xls
from triage.formats.read_xlsx import open_xlsx
from triage.formats.sheets import OLD_OFFICE, ZIP, Sheet, WorkbookError, damaged, look_over


def open_workbook(file: IO[bytes]) -> list[Sheet]:
    """The sheets of a workbook, in its order; `WorkbookError` when it is none or is not safe."""
    start = file.read(4)
    try:
        if start == OLD_OFFICE:
            return open_xls(file)
        if start != ZIP:
            raise WorkbookError("not-a-workbook")
        with zipfile.ZipFile(file) as archive:
            is_ods = CONTENT in archive.namelist()
        look_over(file, CONTENT if is_ods else "workbook.xml")
        file.seek(0)
        return open_ods(file) if is_ods else open_xlsx(file)
    except WorkbookError:
        raise
    except Exception as error:
        raise damaged(error) from None
