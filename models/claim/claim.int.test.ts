/** Claims over a real store: several connections stand for several nodes. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose, { type Mongoose } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedStore, type EmbeddedStore } from '#embedded/index.ts';
import { HubError } from '../error.ts';
import { createJournal, type Journal } from '../journal/journal.store.ts';
import { boardStream, cabinetStream } from '../journal/stream.ts';
import { createClaimActions, type ClaimActions } from './claim.actions.ts';
import { renewClaim, releaseClaim, takeClaim, type Claim } from './claim.ts';
import { createClaimStore, type ClaimStore } from './claim.store.ts';

interface Node {
  database: Mongoose;
  journal: Journal;
  claims: ClaimStore;
  actions: ClaimActions;
}

let dataDir: string;
let store: EmbeddedStore;
const nodes: Node[] = [];
const clock = { nowMs: 1_000_000 };
const newId = (): string => randomBytes(12).toString('hex');
const node = (index: number): Node => {
  const found = nodes[index % nodes.length];
  if (!found) throw new Error('no node');
  return found;
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'svod-claims-'));
  store = await startEmbeddedStore({ dataDir });
  for (let index = 0; index < 4; index += 1) {
    const database = new mongoose.Mongoose();
    await database.connect(store.uri, { dbName: 'claims' });
    const client = database.connection.getClient();
    const journal = await createJournal(client, client.db('claims'), newId);
    const claims = await createClaimStore(database.connection);
    const actions = createClaimActions({ journal, claims, now: () => clock.nowMs, newId });
    nodes.push({ database, journal, claims, actions });
  }
});
afterAll(async () => {
  for (const { database } of nodes) await database.disconnect();
  await store.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const stream = cabinetStream('p', 'claims');
const wish = (subject: string, by: string, leaseMs = 1_000) => ({
  subject,
  holder: { id: by, name: by },
  leaseMs,
  stream,
});

describe('a claim on several nodes', () => {
  it('is given to one of many who want it in the same moment', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 24 }, (_, index) => node(index).actions.take(wish('rush', `person${index}`))),
    );
    const won = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'claim_held' });
  });

  it('is announced in the stream that was named, each step once, and refuses a stream that folds', async () => {
    const mine = { ...wish('announced', 'ann'), stream: cabinetStream('p', 'announced') };
    const { token } = await node(0).actions.take(mine);
    await node(1).actions.renew(mine, token);
    await node(2).actions.release(mine, token);
    const events = await node(3).journal.read(mine.stream, 0, 10);
    expect(events.map(({ type, rev, body }) => [type, rev, (body as { claim: Claim }).claim.holder?.id])).toEqual([
      ['claimChanged', 1, 'ann'],
      ['claimChanged', 2, 'ann'],
      ['claimChanged', 3, undefined],
    ]);
    expect(() => node(0).actions.take({ ...mine, stream: boardStream('p', 'm') })).toThrow(TypeError);
  });

  it('[P-2] guards a save: who comes back after his lease writes nothing over the next one', async () => {
    const saves: string[] = [];
    const save = (by: number, token: number) =>
      node(by).journal.record({ actor: 'x', atMs: 1, commandId: newId(), note: null }, [], async (session) => {
        await node(by).claims.guard('guarded', token, session);
        saves.push(`${by}/${token}`);
      });
    const late = await node(0).actions.take(wish('guarded', 'late'));
    await save(0, late.token);
    clock.nowMs += 1_000;
    await save(0, late.token); // nobody took it: nothing is lost
    const next = await node(1).actions.take(wish('guarded', 'next'));
    await expect(save(0, late.token)).rejects.toMatchObject({ code: 'claim_lost' });
    await save(1, next.token);
    expect(saves).toEqual(['0/1', '0/1', '1/2']);
  });

  it('[P-2] is linearizable over a random run of takers with clocks that differ (seeded)', async () => {
    const seed = 20_131_129;
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    type Op = { kind: 'take'; by: string } | { kind: 'renew' | 'release'; by: string; token: number };
    interface Done {
      op: Op;
      subject: string;
      nowMs: number;
      began: number;
      ended: number;
      claim: Claim | null;
      code: string | null;
    }
    const history: Done[] = [];
    const guards: { subject: string; token: number; q: number }[] = [];
    let ticks = 0;
    const worker = async (index: number): Promise<void> => {
      const { journal, claims } = node(index);
      const skewMs = (index - 2) * 300;
      let nowMs = 0;
      const actions = createClaimActions({ journal, claims, now: () => nowMs, newId });
      const held = new Map<string, number>();
      const by = `w${index}`;
      for (let round = 0; round < 40; round += 1) {
        clock.nowMs += random(120);
        nowMs = clock.nowMs + skewMs;
        const subject = `run${random(3)}`;
        const token = held.get(subject);
        const kind = token === undefined ? 'take' : (['renew', 'release', 'take'] as const)[random(3)];
        const op: Op =
          kind === 'take' || token === undefined ? { kind: 'take', by } : { kind: kind ?? 'renew', by, token };
        const began = (ticks += 1);
        let claim: Claim | null = null;
        let code: string | null = null;
        try {
          const wanted = wish(subject, by, 400);
          if (op.kind === 'take') claim = await actions.take(wanted);
          else if (op.kind === 'renew') claim = await actions.renew(wanted, op.token);
          else claim = await actions.release(wanted, op.token);
        } catch (error) {
          if (!(error instanceof HubError)) throw error;
          code = error.code;
        }
        history.push({ op, subject, nowMs, began, ended: (ticks += 1), claim, code });
        if (claim?.holder) held.set(subject, claim.token);
        else held.delete(subject);
        if (claim?.holder && random(2) === 0) {
          const guardStream = cabinetStream('guards', subject);
          const commandId = newId();
          const { token: own } = claim;
          await journal
            .record(
              { actor: by, atMs: 1, commandId, note: null },
              [{ stream: guardStream, type: 'saved', entity: commandId, rev: 1, body: { token: own } }],
              (session) => claims.guard(subject, own, session),
            )
            .catch((error: unknown) => {
              if (!(error instanceof HubError && error.code === 'claim_lost')) throw error;
            });
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, index) => worker(index)));

    for (const subject of ['run0', 'run1', 'run2']) {
      const all = history.filter((done) => done.subject === subject);
      const done = all
        .flatMap((one) => (one.claim ? [{ ...one, claim: one.claim }] : []))
        .sort((a, b) => a.claim.rev - b.claim.rev);
      // Every revision is one success, and each follows from the one before by the pure rule.
      expect(
        done.map(({ claim }) => claim.rev),
        `seed ${seed}`,
      ).toEqual(done.map((_, index) => index + 1));
      const versions: (Claim | null)[] = [null];
      const decide = ({ op, nowMs }: Done, before: Claim | null): Claim => {
        if (op.kind === 'take') return takeClaim(before, subject, { id: op.by, name: op.by }, nowMs, 400);
        return op.kind === 'renew' ? renewClaim(before, op.token, nowMs, 400) : releaseClaim(before, op.token, nowMs);
      };
      for (const one of done) {
        const next = decide(one, versions.at(-1) ?? null);
        expect({ ...one.claim, guarded: 0 }, `seed ${seed}`).toEqual({ ...next, guarded: 0 });
        versions.push(next);
      }
      // Real time: whoever ended before another began comes before him.
      for (const [index, one] of done.entries())
        for (const later of done.slice(0, index)) expect(one.ended < later.began, `seed ${seed}`).toBe(false);
      // A refusal is explained by a version that was the current one at some moment between its beginning and its end.
      for (const refused of all.filter(({ claim }) => claim === null)) {
        const first = done.filter(({ ended }) => ended < refused.began).length;
        const last = done.filter(({ began }) => began < refused.ended).length;
        const explained = versions.slice(first, last + 1).some((version) => {
          try {
            decide(refused, version);
            return false;
          } catch (error) {
            return error instanceof HubError && error.code === refused.code;
          }
        });
        expect(explained, `seed ${seed}: ${JSON.stringify(refused)}`).toBe(true);
      }
      const saved = await node(0).journal.read(cabinetStream('guards', subject), 0, 1_000);
      for (const { q, body } of saved) guards.push({ subject, q, token: (body as { token: number }).token });
      const tokens = saved.map(({ body }) => (body as { token: number }).token);
      // Fencing: in the order of the commits no save of an earlier taker comes after one of a later.
      expect(tokens, `seed ${seed}`).toEqual([...tokens].sort((a, b) => a - b));
    }
    expect(guards.length).toBeGreaterThan(10);
  });
});
