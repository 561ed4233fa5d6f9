/** One node of a run: the hub as it is composed in production, but with deeds in place of pages and a clock that can be wrong. */
import { readConfig } from '#server/config.ts';
import type { Door } from '#server/door.ts';
import { startHub } from '#server/hub.ts';
import { createClaimDeeds } from './claim-deeds.ts';
import { createDeeds } from './deeds.ts';

const clock = { offsetMs: Number(process.env['CLOCK_OFFSET_MS'] ?? 0) };

function door(): Door {
  const { svodDoor } = globalThis;
  if (!svodDoor) throw new Error('the door is not open yet');
  return svodDoor;
}

const config = readConfig({ SECOND_FACTOR: 'offered', ...process.env });
const claimDeeds = await createClaimDeeds(config.mongodbUri ?? '', () => hub.models.claims);
const hub = await startHub({
  config,
  pages: () => Promise.resolve(createDeeds(door, clock, claimDeeds)),
  now: () => Date.now() + clock.offsetMs,
});
process.once('SIGTERM', () => void hub.stop().then(() => process.exit(0)));
