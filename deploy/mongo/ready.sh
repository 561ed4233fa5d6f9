#!/bin/bash
# Health check of the database, and its first set-up. By the name `mongo`, not by localhost: while the image creates the root
# user it runs a mongod of its own on localhost, which must not be initiated. The shell writes logs to its home: they are
# thrown away, or they would fill the memory that /tmp lives in.
set -euo pipefail

export HOME=/tmp/shell
rm -rf "$HOME" && mkdir -p "$HOME"
exec timeout 20 mongosh --quiet --norc --nodb /etc/svod/ready.js
