import sqlite3

TABLE = "users"


def find_user(connection, name):
    cursor = connection.cursor()
    # ruleid: py-sql-injection-built
    cursor.execute("SELECT * FROM users WHERE name = '%s'" % name)
    return cursor.fetchone()


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)

    def drop(self, table):
        # ruleid: py-sql-injection-built
        self.db.execute(f"DROP TABLE {table}")

    def rename(self, old, new):
        statement = "ALTER TABLE {} RENAME TO {}".format(old, new)
        # ruleid: py-sql-injection-built
        self.db.execute(statement)


def total(cursor, month, year):
    # ruleid: py-sql-injection-built
    cursor.execute("SELECT SUM(x) FROM sales WHERE month = '%s' AND year = %d" % (month, 2024))


def find_user_bound(connection, name):
    # ok: py-sql-injection-built
    return connection.execute("SELECT * FROM users WHERE name = ?", (name,)).fetchone()


def all_users(connection):
    # ok: py-sql-injection-built
    return connection.execute(f"SELECT * FROM {TABLE}").fetchall()


def _count(connection, table):
    # ok: py-sql-injection-built
    return connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()


def run(executor, name):
    # ok: py-sql-injection-built
    executor.execute("job " + name)


def page(connection, size):
    limit = int(size)
    # ok: py-sql-injection-built
    return connection.execute(f"SELECT * FROM users LIMIT {limit}").fetchall()


def quoted(connection, table):
    # ok: py-sql-injection-built
    connection.execute("SELECT * FROM %s" % connection.ops.quote_name(table))
