"""moto's server on a free port, made fit for weeks of virtual time.

DynamoDB in moto 5.2 sorts the whole table for every query, and copies it, its
stream included, for every item of a transaction. Both grow with time; here
they do not. What the calls answer is the same. Tables must have a sort key: ours
has. The process ends when its standard input does.
"""

import copy
import io
import os
import sys
import threading


def watch():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=watch, daemon=True).start()

import functools  # noqa: E402

from http.server import BaseHTTPRequestHandler  # noqa: E402
from socketserver import ThreadingMixIn  # noqa: E402
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer  # noqa: E402

from botocore.awsrequest import AWSPreparedRequest, HeadersDict  # noqa: E402
from moto import backends  # noqa: E402
from moto.core import responses  # noqa: E402
from moto.dynamodb.models import table  # noqa: E402
from moto.dynamodb.responses import DynamoHandler  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: E402

# Looked up anew, in folders and classes, for every request.
modules = list(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: modules
responses.method_names_from_class = functools.cache(responses.method_names_from_class)

whole = table.Table.query
narrowed = threading.local()


def query(self, hash_key, *rest, **more):
    """Looks at the rows that can be meant, instead of all: those of the
    partition, or those that are in the index at all."""
    index = rest[6]
    if index:
        name = self.get_index(index).schema[0]["AttributeName"]
        narrowed.rows = [r for p in self.items.values() for r in p.values() if name in r.attrs]
    elif hash_key is not None:
        narrowed.rows = list(self.items.get(hash_key, {}).values())
    try:
        return whole(self, hash_key, *rest, **more)
    finally:
        narrowed.rows = None


def all_items(self):
    rows = getattr(narrowed, "rows", None)
    if rows is None:
        rows = [r for p in self.items.values() for r in p.values()]
    return sorted(rows, key=lambda x: (x.hash_key.value, x.range_key.value))


def snapshot(self, memo):
    """What a transaction goes back to. Rows are replaced, not changed, by puts
    and deletes, the only writes that Keyward's transactions have."""
    other = copy.copy(self)
    other.items = copy.copy(self.items)
    for key, rows in self.items.items():
        other.items[key] = dict(rows)
    other.stream_shard = copy.copy(self.stream_shard)
    if other.stream_shard is not None:
        other.stream_shard.items = list(self.stream_shard.items)
        other.stream_shard.table = other
    return other


table.Table.query = query
table.Table.all_items = all_items
table.Table.__deepcopy__ = snapshot



class Handler(WSGIRequestHandler):
    """Keeps connections, which moto's own server does not, and takes DynamoDB's
    requests past Flask, by the way of moto's in-process mode."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def handle(self):
        BaseHTTPRequestHandler.handle(self)

    def log_message(self, *args):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = self.headers.get("X-Amz-Target", "")
        status, headers, content = self.direct(body) if target.startswith("DynamoDB_") else self.wsgi(body)
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection") or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if self.command != "HEAD" else b"")

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def direct(self, body):
        url = "http://dynamodb.eu-central-1.amazonaws.com/"
        request = AWSPreparedRequest("POST", url, HeadersDict(self.headers.items()), body, False)
        status, headers, content = DynamoHandler.dispatch(request, url, request.headers)
        return status, headers, content if isinstance(content, bytes) else content.encode()

    def wsgi(self, body):
        environ = self.get_environ() | {
            "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, "RAW_URI": self.path,
        }
        said = []
        content = b"".join(app(environ, lambda status, headers, exc=None: said.append((status, headers))))
        return int(said[0][0].split()[0]), dict(said[0][1]), content


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    app = DomainDispatcherApplication(create_backend_app)
    server = Server(("127.0.0.1", 0), Handler)
    print(f"Running on http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()
