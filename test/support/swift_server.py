"""A small OpenStack Swift with its S3 API, in one process: swift_server.py FOLDER. Prints its port, then serves."""
import os
import sys

folder = os.path.abspath(sys.argv[1])
os.makedirs(os.path.join(folder, "devices", "disk"))
with open(os.path.join(folder, "swift.conf"), "w") as file:
    file.write("[swift-hash]\nswift_hash_path_suffix = test\nswift_hash_path_prefix = test\n")

import eventlet  # noqa: E402

eventlet.monkey_patch()
from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402

utils.SWIFT_CONF_FILE = os.path.join(folder, "swift.conf")
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402


class Silent(object):
    def write(self, _text):
        pass

    def flush(self):
        pass


class Empty(object):
    """In the place of memcached, which Swift wants to have: a cache that keeps nothing."""

    def get(self, *_args, **_options):
        return None

    set = delete = incr = decr = get


def with_cache(app):
    def call(env, start_response):
        env["swift.cache"] = Empty()
        return app(env, start_response)
    return call


def serve(kind, sock):
    conf = os.path.join(folder, kind + "-server.conf")
    with open(conf, "w") as file:
        file.write(configs[kind].format(folder=folder, kind=kind))
    eventlet.spawn_n(wsgi.server, sock, with_cache(loadapp(conf)), Silent(), log_output=False)


backend = """[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
disable_fallocate = true
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""

proxy = """[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats s3api tempauth copy slo dlo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
allow_no_owner = true
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""

configs = {"account": backend, "container": backend, "object": backend, "proxy": proxy}
sockets = {kind: eventlet.listen(("127.0.0.1", 0)) for kind in configs}

for kind in ("account", "container", "object"):
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({
        "id": 0, "region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1",
        "port": sockets[kind].getsockname()[1], "device": "disk",
    })
    builder.rebalance()
    builder.get_ring().save(os.path.join(folder, kind + ".ring.gz"))

for kind in configs:
    serve(kind, sockets[kind])

print(sockets["proxy"].getsockname()[1], flush=True)
# Ends with the program that started it, even if that was killed.
eventlet.tpool.execute(sys.stdin.read)
