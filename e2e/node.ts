/**
 * One node of the hub in a process of its own, as `npm start` would run it, but with a clock that can be set and with its
 * use cases open to the process that started it. A node can be closed and opened again over other data.
 */
import { readConfig } from '#server/config.ts';
import { createCollectorStandIn } from '#server/collector.testing.ts';
import { startHub, type RunningHub } from '#server/hub.ts';
import { builtPages, builtVersion } from '#server/pages.ts';
import type { Ask, NodeAnswer, NodeQuestion } from './node-contract.ts';

let hub: RunningHub | null = null;
/** The hub's clock: standing at a moment, or running a difference apart from the machine's. */
let clock: { standsAtMs: number } | { offsetMs: number } = { offsetMs: 0 };
const now = (): number => ('standsAtMs' in clock ? clock.standsAtMs : Date.now() + clock.offsetMs);

function running(): RunningHub {
  if (!hub) throw new Error('the node is closed');
  return hub;
}

/** The use case named by the question. */
function deedOf({ part, deed }: Extract<Ask, { kind: 'deed' }>): (...given: unknown[]) => Promise<unknown> {
  const parts = running().door as unknown as Record<string, Record<string, (...given: unknown[]) => Promise<unknown>>>;
  const found = parts[part]?.[deed];
  if (!found) throw new Error(`no ${part}.${deed}`);
  return found;
}

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.kind) {
    case 'open':
      await hub?.stop();
      hub = await startHub({
        config: readConfig(ask.environment),
        pages: builtPages,
        now,
        build: await builtVersion(),
        // Pages that say what is on them: for journeys about what is wrong with pages, not about reading them.
        ...(ask.environment['COLLECTOR'] === 'said' ? { additions: { collector: createCollectorStandIn() } } : {}),
      });
      return hub.url;
    case 'close':
      await hub?.stop();
      hub = null;
      return null;
    case 'clock':
      clock = ask.isStanding ? { standsAtMs: ask.atMs } : { offsetMs: ask.atMs - Date.now() };
      return null;
    case 'now':
      return now();
    case 'signIn':
      return (await running().door.signIn.begin(ask.credentials, new Headers())).cookies;
    case 'deed':
      return deedOf(ask)(...ask.given);
    default:
      throw ask satisfies never;
  }
}

process.on('message', ({ id, ask }: NodeQuestion) => {
  const send = (told: NodeAnswer): void => {
    process.send?.(told);
  };
  answer(ask).then(
    (value) => send({ id, value }),
    (error: unknown) => send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
// A node never outlives the tests that started it.
process.on('disconnect', () => process.exit(0));
