"""The written checks, one subject a file. A function decorated with `@check` is all it takes to add one."""
