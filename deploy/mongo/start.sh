#!/bin/bash
# Starts mongod as a member of the replica set rs0, with authentication. The key comes from the environment into a file in
# memory that only this user reads: mongod takes it from nowhere else.
set -euo pipefail

(umask 077 && printf '%s' "$MONGO_REPLICA_KEY" >/tmp/replica.key)
unset MONGO_REPLICA_KEY

# The image's own entry point creates the root user at the first start, then runs mongod as process 1.
# A node that dies in the middle of a transaction holds the heads of its streams until the database gives the transaction up:
# 10 s instead of a minute. No transaction of the hub takes a second.
exec docker-entrypoint.sh mongod --replSet rs0 --keyFile /tmp/replica.key --bind_ip_all \
  --setParameter transactionLifetimeLimitSeconds=10
