"""What can go wrong with the shared schema itself. All exit with 2.

    SchemaError                  a declaration is wrong; shown to developers, never to patients' doctors
    ├── BadDeclaration           a table or column contradicts itself when it is defined
    ├── NoSuchTable              a table was asked for by a name that is not shared
    ├── NoSuchCodeSystem         a code list was asked for that is not shipped
    └── NoSuchDialect            SQL was asked for in a dialect that is not written

None of them speaks of data.
"""


class SchemaError(Exception):
    """The shared schema was declared or asked for wrongly."""


class BadDeclaration(SchemaError):
    """A table or column contradicts itself; raised while the module is imported."""


class NoSuchTable(SchemaError):
    """A table was asked for by a name that is not shared."""


class NoSuchCodeSystem(SchemaError):
    """A code list was asked for that is not shipped."""


class NoSuchDialect(SchemaError):
    """SQL was asked for in a dialect that is not written."""
