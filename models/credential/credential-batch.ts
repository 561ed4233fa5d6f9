/**
 * A batch of accesses for the institutions of a sample or of a territory (S1-32: nobody else gets any): named, then written part by part
 * by whichever node holds the lease. Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';
import { unitIdSchema } from '../org/unit.ts';
import type { HandingLevel } from './credential-handover.ts';

/** How long a node may be silent about a batch before another takes it over (ms). */
export const BATCH_LEASE_MS = 60_000;
/** Institutions in one transaction: each costs the making of an account, which is slow on purpose. */
export const BATCH_PART = 20;
/** Institutions in one batch: a large region twice over. */
export const BATCH_INSTITUTIONS_MAX = 5_000;
export const BATCH_TITLE_CHARS_MIN = 3;
export const BATCH_TITLE_CHARS_MAX = 200;
/** Unknown codes that a refusal names. */
export const UNKNOWN_NAMED_MAX = 10;

/** By which way the accesses go down: straight from the region (S1), or through the municipalities (S4). */
export const HANDOVER_ROUTES = ['study', 'survey'] as const;
export type HandoverRoute = (typeof HANDOVER_ROUTES)[number];

/** An address of two lines on a card: a longer one nobody types from paper. */
export const INSTRUCTIONS_CHARS_MAX = 150;
const instructionsSchema = z
  .string()
  .trim()
  .max(INSTRUCTIONS_CHARS_MAX)
  .transform((text) => (text === '' ? null : text))
  .refine((text) => text === null || /^https?:\/\/[^\s]+$/.test(text));

export const batchInputSchema = z.strictObject({
  /** The unit in whose territory it is: all of it, or those of `codes`. */
  unit: z.string().max(40),
  title: z.string().trim().min(BATCH_TITLE_CHARS_MIN).max(BATCH_TITLE_CHARS_MAX),
  route: z.enum(HANDOVER_ROUTES),
  /** Where the instructions are (S4-13). */
  instructions: instructionsSchema,
  /** Or the instructions themselves, published: whoever is on the list gets them in his cabinet, and the card names them. */
  publication: z.string().max(60).nullable().default(null),
  /** A study: then accesses are for its sample in the territory, and for nobody else (S1-32). */
  study: z.string().max(100).nullable().default(null),
  /** Null for the whole territory. */
  codes: z.string().max(400_000).nullable(),
});

/** How a card and a letter name published instructions: by title and address, the title cut so that both find room. */
export function namedInstructions(title: string, address: string): string {
  const room = INSTRUCTIONS_CHARS_MAX - address.length - 4;
  const shown = title.length <= room ? title : `${title.slice(0, Math.max(0, room - 1)).trimEnd()}…`;
  return `«${shown}» ${address}`;
}

/** The codes of a pasted list, each once: first column of each line, whatever stands beside it. */
export function codesOf(text: string): string[] {
  const codes = text
    .split(/\r?\n/)
    .map((line) => (line.split(/[;,\t]/)[0] ?? '').trim().replaceAll('"', '').toLowerCase())
    .filter((code) => code !== '');
  return [...new Set(codes)];
}

/** Those of a list that can't be codes at all, or lead to no institution of the territory. */
export function demandKnown(codes: readonly string[], known: ReadonlySet<string>): void {
  const unknown = codes.filter((code) => !unitIdSchema.safeParse(code).success || !known.has(code));
  if (unknown.length > 0)
    throw new HubError('sample_unknown', {
      count: unknown.length,
      codes: unknown.slice(0, UNKNOWN_NAMED_MAX).join(', '),
    });
}

export function demandSize(count: number): void {
  if (count === 0) throw new HubError('sample_empty');
  if (count > BATCH_INSTITUTIONS_MAX) throw new HubError('sample_too_large', { count, max: BATCH_INSTITUTIONS_MAX });
}

interface BatchBase {
  id: string;
  rev: number;
  unit: string;
  title: string;
  route: HandoverRoute;
  instructions: string | null;
  origin: HandingLevel;
  by: string;
  byName: string;
  startedAtMs: number;
  total: number;
  /** Parts that are done, accesses that were made, institutions that had one already. */
  parts: number;
  made: number;
  skipped: number;
}

export type CredentialBatch = BatchBase &
  (
    | { status: 'writing'; node: string; leaseUntilMs: number }
    | { status: 'written'; atMs: number }
    | { status: 'cancelled'; atMs: number }
  );
export type BatchOf<Status extends CredentialBatch['status']> = Extract<CredentialBatch, { status: Status }>;

/** The batch as a page follows it: without the node that works on it. */
export type BatchView = BatchBase & ({ status: 'writing' } | { status: 'written' | 'cancelled'; atMs: number });

export function batchView(one: CredentialBatch): BatchView {
  if (one.status !== 'writing') return one;
  const { node: _node, leaseUntilMs: _lease, ...view } = one;
  return view;
}

export type BatchFact = { type: 'batchChanged'; body: { batch: BatchView } };

/** Applies a fact: the newer revision wins. Null is before the first. */
export const applyBatchFact = <Before extends BatchView | null>(
  view: Before,
  { body }: BatchFact,
): Before | BatchView => (view && body.batch.rev <= view.rev ? view : body.batch);

const base = ({ id, rev, unit, title, route, instructions, origin, ...rest }: CredentialBatch): BatchBase => {
  const { by, byName, startedAtMs, total, parts, made, skipped } = rest;
  return {
    ...{ id, rev: rev + 1, unit, title, route, instructions, origin },
    ...{ by, byName, startedAtMs, total, parts, made, skipped },
  };
};

export type NewBatch = Omit<BatchBase, 'rev' | 'parts' | 'made' | 'skipped'>;
export const startBatch = (batch: NewBatch): BatchOf<'writing'> => ({
  ...batch,
  ...{ rev: 1, parts: 0, made: 0, skipped: 0 },
  // Whoever comes first writes.
  ...{ status: 'writing', node: '', leaseUntilMs: 0 },
});

/** A node takes the batch, or goes on with it; null while another one holds it. */
export function claimBatch(one: CredentialBatch, node: string, nowMs: number): BatchOf<'writing'> | null {
  if (one.status !== 'writing' || (one.leaseUntilMs > nowMs && one.node !== node)) return null;
  return { ...one, rev: one.rev + 1, node, leaseUntilMs: nowMs + BATCH_LEASE_MS };
}

/** One more part is done; after the last one the batch is. */
export function partWritten(
  one: BatchOf<'writing'>,
  { made, skipped }: { made: number; skipped: number },
  nowMs: number,
): BatchOf<'writing' | 'written'> {
  const on = { ...one, parts: one.parts + 1, made: one.made + made, skipped: one.skipped + skipped };
  if (on.parts * BATCH_PART >= on.total) return { ...base(on), status: 'written', atMs: nowMs };
  return { ...on, rev: one.rev + 1, leaseUntilMs: nowMs + BATCH_LEASE_MS };
}

/** Gives the rest of the work to whoever comes next. */
export const releaseBatch = (one: BatchOf<'writing'>, nowMs: number): BatchOf<'writing'> => ({
  ...one,
  rev: one.rev + 1,
  leaseUntilMs: nowMs,
});

/** Stops what is not made yet; what is made stays. Null when it was stopped before. Errors: HubError `batch_over`. */
export function cancelBatch(one: CredentialBatch, nowMs: number): BatchOf<'cancelled'> | null {
  if (one.status === 'cancelled') return null;
  if (one.status === 'written') throw new HubError('batch_over');
  return { ...base(one), status: 'cancelled', atMs: nowMs };
}
