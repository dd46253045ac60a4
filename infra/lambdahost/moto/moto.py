"""moto's server on a free port, made fit for a story of weeks.

DynamoDB in moto 5.2 sorts and copies the whole table for every query of an
index, and copies it, its stream included, for every item of a transaction.
Both grow with the story; here they do not. What the calls answer is the same.
The process ends when its standard input does.
"""

import copy
import os
import sys
import threading


def watch():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=watch, daemon=True).start()

from moto.dynamodb.models import table  # noqa: E402
from moto.server import main  # noqa: E402


def all_items(self):
    items = [item for rows in self.items.values() for item in rows.values()]
    items.sort(key=lambda x: (x.hash_key.value, x.range_key.value))
    return items


def snapshot(self, memo):
    """Rows are replaced, not changed, by puts and deletes: the only writes that
    are rolled back. The table must have a sort key, and ours has."""
    other = copy.copy(self)
    other.items = copy.copy(self.items)
    for key, rows in self.items.items():
        other.items[key] = dict(rows)
    other.stream_shard = copy.copy(self.stream_shard)
    if other.stream_shard is not None:
        other.stream_shard.items = list(self.stream_shard.items)
        other.stream_shard.table = other
    return other


table.Table.all_items = all_items
table.Table.__deepcopy__ = snapshot

main(["-H", "127.0.0.1", "-p", "0"])
