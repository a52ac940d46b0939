"""Workbooks as tables: sheets of XLSX, XLSM, XLS, XLSB and ODS, and the HTML and XML files that are called .xls.

Cells come as the strings a person sees in the sheet; macros are never run, formulas never calculated.
"""
