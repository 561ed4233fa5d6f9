/** How long events are kept: at least over the life of their procedure, and then as long as their kind says. Pure. */
import { parseStream, STREAM_KINDS } from './stream.ts';

const DAY_MS = 86_400_000;

/** The procedure a stream belongs to; null for a stream of none, whose events are kept for ever. */
export function procedureOf(stream: string): string | null {
  const parsed = parseStream(stream);
  if (!parsed) return null;
  if (parsed.kind === 'registration') return parsed.parts.participation.split('/')[0] ?? null;
  return 'procedure' in parsed.parts ? parsed.parts.procedure : null;
}

/**
 * Events recorded before this moment may be deleted; null while none may. A procedure's events stay until it has been over for
 * the days of their kind; afterwards each stays as many days as it is old.
 */
export function forgottenBeforeMs(stream: string, deadlineMs: number, nowMs: number): number | null {
  const parsed = parseStream(stream);
  if (!parsed) return null;
  const keptMs = STREAM_KINDS[parsed.kind].daysKept * DAY_MS;
  return nowMs < deadlineMs + keptMs ? null : nowMs - keptMs;
}
