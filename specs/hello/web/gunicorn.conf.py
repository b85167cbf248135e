"""How the service runs; gunicorn reads this file by itself, and drains on SIGTERM."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
threads = 8
graceful_timeout = 20
worker_tmp_dir = "/dev/shm"  # heartbeats in memory: a disk would stall the workers
control_socket_disable = True  # a replica is replaced, not steered
accesslog = "-"
access_log_format = '{"time": "%(t)s", "method": "%(m)s", "path": "%(U)s", "status": %(s)s, "microseconds": %(D)s}'
