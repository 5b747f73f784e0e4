from devsecops.model import Cover, Unit
from devsecops.subject.ledger import ledger_bytes, read_ledger


def test_the_order_of_rows_does_not_show_in_the_bytes() -> None:
    rows = [
        Cover(unit=Unit(kind="file", id=name), scanner=scanner, state="scanned")
        for name in ("b.py", "a\n.py")
        for scanner in ("two", "one")
    ]
    assert ledger_bytes(rows) == ledger_bytes(reversed(rows))
    assert sorted(map(repr, read_ledger(ledger_bytes(rows)))) == sorted(map(repr, rows))
