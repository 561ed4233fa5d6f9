/** A node of its own process that takes files for the tests' purpose, without pages: to be killed. `HANGS_AT` names where it never goes on. */
import { pino } from 'pino';
import { readConfig } from './config.ts';
import { startHub } from './hub.ts';
import { testPurpose } from './upload-purpose.testing.ts';

const purpose = testPurpose();
if (process.env['HANGS_AT'] === 'taking')
  purpose.before.take = () =>
    new Promise(() => {
      process.stdout.write('taking\n');
    });
const hub = await startHub({
  config: readConfig({ ...process.env, PORT: '0', LOG_LEVEL: 'silent', SECOND_FACTOR: 'offered' }),
  pages: () => Promise.resolve((_request, response) => void response.status(404).end()),
  logger: pino({ level: 'silent' }),
  additions: { purposes: { test: purpose } },
});
process.stdout.write(`${hub.url}\n`);
