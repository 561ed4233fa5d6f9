#!/bin/bash
# Replaces the hub's database by a backup from standard input. Everything since is gone, collections that the backup does not know
# too: --drop alone would leave those. The database's users come back with it, with the passwords they had.
set -euo pipefail

export HOME=/tmp
mongosh --quiet --norc --nodb --eval '
  const admin = connect("mongodb://mongo:27017/admin?directConnection=true");
  admin.auth("root", process.env.MONGO_INITDB_ROOT_PASSWORD);
  admin.getSiblingDB("svod").dropDatabase();
' </dev/null
mongorestore --host mongo --username root --authenticationDatabase admin \
  --config <(printf 'password: "%s"\n' "$MONGO_INITDB_ROOT_PASSWORD") \
  --drop --oplogReplay --archive --gzip
# Another life of every stream (what `npm run journal -- new-epoch` does): pages that stayed open over the restore stand at positions
# that the restored journal gives out a second time, and must take everything anew.
mongosh --quiet --norc --nodb --eval '
  const admin = connect("mongodb://mongo:27017/admin?directConnection=true");
  admin.auth("root", process.env.MONGO_INITDB_ROOT_PASSWORD);
  admin.getSiblingDB("svod").heads.updateMany({}, { $set: { epoch: new ObjectId().toString() } }, { writeConcern: { w: "majority" } });
' </dev/null
