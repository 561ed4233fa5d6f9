#!/bin/bash
# Writes a backup to standard output: all of the database as it was at one moment, the moment the dump ends (--oplog). An entity,
# its event and its head change together; a dump of any other kind could tear them apart.
set -euo pipefail

export HOME=/tmp
exec mongodump --host mongo --username root --authenticationDatabase admin \
  --config <(printf 'password: "%s"\n' "$MONGO_INITDB_ROOT_PASSWORD") \
  --quiet --oplog --archive --gzip
