/**
 * Run by the database's health check in mongosh: initiates the replica set and creates the hub's user when they are not
 * there, and succeeds only when this member takes writes. Run again it changes nothing; stopped anywhere, the next run goes on.
 */
/** What mongosh brings: there is no type for it outside of mongosh. @type {any} */
const shell = globalThis;

const database = 'svod';
const connection = shell.connect('mongodb://mongo:27017/admin?directConnection=true&serverSelectionTimeoutMS=5000');
connection.auth('root', process.env.MONGO_INITDB_ROOT_PASSWORD);

/** One member: three on one machine would share its fate and triple its work. */
function initiate() {
  const config = { _id: 'rs0', members: [{ _id: 0, host: 'mongo:27017' }] };
  try {
    connection.adminCommand({ replSetInitiate: config });
  } catch (error) {
    // Another run of this check was faster.
    if (/** @type {{ codeName?: string }} */ (error).codeName !== 'AlreadyInitialized') throw error;
  }
}

/** The hub reads and writes its own database and nothing else. */
function createHubUser() {
  const own = connection.getSiblingDB(database);
  if (own.getUser('svod') !== null) return;
  own.createUser({
    user: 'svod',
    pwd: process.env.MONGO_PASSWORD,
    roles: [{ role: 'readWrite', db: database }],
  });
}

if (!connection.hello().setName) initiate();
if (!connection.hello().isWritablePrimary) {
  shell.print('not primary yet');
  shell.quit(1);
} else {
  createHubUser();
  shell.print('ready');
}
