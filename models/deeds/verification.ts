/** Walks the whole journal of deeds, and the events against it: what the database says of itself, without changing anything. */
import type { Db } from 'mongodb';
import { createChainCheck, headText, type Anchor, type Break, type ChainHead } from './chain.ts';
import type { DeedStore } from './deed.store.ts';

export interface Verification {
  entries: number;
  /** Entries that wait for their place: their order, and what they say, is not proven yet. */
  unsealed: number;
  /** Events of the journal whose deed was looked for. */
  events: number;
  broken: number;
  /** The first broken place, in words of the chain. */
  first: Break | null;
  head: Anchor | null;
}

/** Events looked at together. */
const EVENTS_AT_ONCE = 1_000;

interface EventDocument {
  _id: { s: string; q: number };
  commandId: string;
  actor: string;
  atMs: number;
}

export async function verifyDeeds(
  db: Db,
  deeds: DeedStore,
  {
    sha256,
    sign,
    anchors,
  }: { sha256: (text: string) => string; sign: (text: string) => string; anchors: readonly Anchor[] },
): Promise<Verification> {
  const breaks: Break[] = [];
  const isGenuine = (head: ChainHead & { signature: string }): boolean => sign(headText(head)) === head.signature;

  let entries = 0;
  let head = await deeds.storedHead();
  if (head) {
    const check = createChainCheck(head, anchors, sha256);
    for (;;) {
      for await (const entry of deeds.sealed(check.last())) {
        entries += 1;
        breaks.push(...check.take(entry));
      }
      // A hub that runs goes on sealing meanwhile: the head is the one after the last entry was read.
      const next: (ChainHead & { signature: string }) | null = await deeds.storedHead();
      const isFurther: boolean = next !== null && head !== null && next.n > head.n && check.last() < next.n;
      head = next;
      if (!isFurther) break;
    }
    breaks.push(...check.end(head ?? { n: 0, hash: '' }));
    if (!head || !isGenuine(head)) breaks.push({ kind: 'head_forged', at: String(head?.n ?? 0) });
  } else {
    // Without a head nothing may have a place, and nothing was ever noted.
    for await (const entry of deeds.sealed(-1)) {
      entries += 1;
      if (entries === 1) breaks.push({ kind: 'tail_foreign', at: String(entry.n) });
    }
    for (const { n } of anchors) breaks.push({ kind: 'anchor_lost', at: String(n) });
  }

  let events = 0;
  const sinceMs = head?.sinceMs ?? Infinity;
  /** A deed has several events, side by side or in other streams. */
  const found = db
    .collection<EventDocument>('events')
    .find({ actor: { $ne: 'hub' }, type: { $ne: 'claimChanged' }, atMs: { $gte: sinceMs } })
    .project<Pick<EventDocument, '_id' | 'commandId'>>({ commandId: 1 })
    .batchSize(EVENTS_AT_ONCE);
  let batch: Pick<EventDocument, '_id' | 'commandId'>[] = [];
  const look = async (): Promise<void> => {
    const present = await deeds.present([...new Set(batch.map(({ commandId }) => commandId))]);
    for (const { _id, commandId } of batch)
      if (!present.has(commandId)) breaks.push({ kind: 'deed_unwritten', at: `${_id.s} ${_id.q}` });
    events += batch.length;
    batch = [];
  };
  for await (const event of found) {
    batch.push(event);
    if (batch.length >= EVENTS_AT_ONCE) await look();
  }
  await look();

  return {
    entries,
    unsealed: await deeds.unsealedCount(),
    events,
    broken: breaks.length,
    first: breaks[0] ?? null,
    head: head && { n: head.n, hash: head.hash },
  };
}
