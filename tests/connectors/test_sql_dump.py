"""A dump of a database is told apart from a table, with what to do about it."""

import pytest

from connectors.kinds.delimited import CONNECTOR
from connectors.stranger import stranger

DUMPS = ("-- MySQL dump 10.13\n", "/*\nMySQL Backup\n*/\n\nSET FOREIGN_KEY_CHECKS=0;\n", "--\n-- PostgreSQL database dump\n--\n",
         "CREATE TABLE `a` (id int);\nINSERT INTO `a` VALUES (1,'x');\n", "INSERT INTO a (b, c) VALUES (1, 2);\n")  # fmt: skip


@pytest.mark.parametrize("text", DUMPS)
def test_a_dump_is_no_table_and_what_to_do_is_said(text, tmp_path):
    path = tmp_path / "his.sql"
    path.write_text(text)
    assert CONNECTOR.sniff(path) is None
    assert "Restore it" in stranger(path)[0]


def test_a_table_that_speaks_of_statements_is_a_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,note\n1,please insert into file\n2,create table\n")
    assert CONNECTOR.sniff(path) is not None


@pytest.mark.samples
def test_a_real_dump_is_recognised(samples):
    assert "dump of a database" in stranger(samples / "cn" / "zainzhao-his" / "his.sql")[0]
