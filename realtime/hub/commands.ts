/** A command from outside: counted, parsed at the edge, and answered whatever becomes of it. */
import { z } from 'zod';
import { HubError, type RefusalCode } from '#models/error.ts';
import { COMMANDS_PER_10S_MAX, type Refused } from '../contract.ts';
import { cutSocket, type LiveSocket } from './sockets.ts';

const WINDOW_MS = 10_000;

export interface CommandPorts {
  monotonicMs: () => number;
  onFault: (error: unknown, where: string) => void;
}

/** Errors: HubError `rate_limited`. Whoever goes on at twice the rate is cut: answering him costs as much as obeying. */
function count(socket: LiveSocket, nowMs: number): void {
  const { data } = socket;
  if (nowMs >= data.commands.windowEndsAtMs) data.commands = { windowEndsAtMs: nowMs + WINDOW_MS, used: 0 };
  data.commands.used += 1;
  if (data.commands.used > 2 * COMMANDS_PER_10S_MAX) cutSocket(socket, 'rate_limited');
  if (data.commands.used > COMMANDS_PER_10S_MAX) throw new HubError('rate_limited', { seconds: WINDOW_MS / 1_000 });
}

/** The listener of one kind of command: turns every outcome of `work` into an acknowledgement. */
export function answering<Schema extends z.ZodType, Answer extends { ok: true }>(
  { monotonicMs, onFault }: CommandPorts,
  socket: LiveSocket,
  schema: Schema,
  work: (payload: z.infer<Schema>) => Promise<Answer>,
) {
  return (payload: unknown, ack: unknown): void => {
    const acknowledge = typeof ack === 'function' ? (ack as (answer: Answer | Refused) => void) : () => undefined;
    const run = async (): Promise<Answer> => {
      count(socket, monotonicMs());
      return work(schema.parse(payload));
    };
    run().then(acknowledge, (error: unknown) => {
      const code = refusalOf(error);
      // Who left in the midst is answered `busy` and hears nothing: no fault of the hub's.
      if (code === null) onFault(error, 'live.command');
      acknowledge({ ok: false, code: code ?? 'busy' });
    });
  };
}

/** The refusal that an error is; null for everything that was not expected. */
function refusalOf(error: unknown): RefusalCode | null {
  if (error instanceof HubError) return error.code;
  return error instanceof z.ZodError ? 'bad_input' : null;
}
