#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""serve.py FOLDER: makes the good test artifacts there and serves them on 127.0.0.1:8000 until killed; the
file FOLDER/ready says when."""

import pathlib
import sys
import threading

import fixtures
import server

folder = pathlib.Path(sys.argv[1])
fixtures.good(folder)
server.start(folder)
(folder / "ready").touch()
threading.Event().wait()
