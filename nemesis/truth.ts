/** What is true at the end, read from the database with a client of the nemesis's own, and held against itself. */
import type { Db } from 'mongodb';
import { checkFigures, recount, sumFigures, type CountedParticipation, type Figures } from './checks/counters.ts';
import type { GuardedSave } from './claim-deeds.ts';
import type { KeptSave } from './checks/claims.ts';
import type { DeedAudit } from './checks/deeds.ts';
import type { Findings } from './checks/findings.ts';
import type { StreamTruth } from './checks/following.ts';
import { JournalCheck } from './checks/journal.ts';
import { boardOf, INSTITUTIONS_PER_MUNICIPALITY, MUNICIPALITIES, municipalityId, ROLLUP } from './world.ts';

interface EventDocument {
  _id: { s: string; q: number };
  epoch: string;
  type: string;
  entity: string;
  rev: number;
  body: unknown;
  actor: string;
}
interface HeadDocument {
  _id: string;
  epoch: string;
  seq: number;
  counters?: Figures;
}
interface RollupRowDocument {
  _id: string;
  stream: string;
  seq: number;
  counts: Figures;
}

/** Kinds of streams of which several events of one entity may travel as the last of them. */
const FOLDED = ['board:', 'rollup:', 'collector:', 'scanBatch:', 'ownScans:', 'uploads:'];

export async function readHeads(db: Db): Promise<Record<string, number>> {
  const heads = await db.collection<HeadDocument>('heads').find({}).toArray();
  return Object.fromEntries(heads.map(({ _id, seq }) => [_id, seq]));
}

/** Whether the figures above the boards have followed them. */
export async function areRollupsAtRest(db: Db): Promise<boolean> {
  const heads = await readHeads(db);
  const rows = await db.collection<RollupRowDocument>('rollupRows').find({ stream: ROLLUP }).toArray();
  return rows.length === MUNICIPALITIES && rows.every(({ _id, seq }) => heads[_id] === seq);
}

/** The journal as it lies there: each stream contiguous, each deed that was acknowledged in it. */
export async function readJournal(
  db: Db,
  findings: Findings,
  audit: DeedAudit,
): Promise<{ streams: Record<string, StreamTruth>; events: number; revisions: ReadonlyMap<string, number> }> {
  const streams: Record<string, { epoch: string; keys: string[]; isFolded: boolean }> = {};
  const check = new JournalCheck(findings);
  const revisions = new Map<string, number>();
  let events = 0;
  for await (const event of db.collection<EventDocument>('events').find({}).sort({ _id: 1 })) {
    const { _id, epoch, type, entity, rev, body, actor } = event;
    const stream = _id.s;
    events += 1;
    check.observe({ stream, q: _id.q, epoch, type, entity, rev });
    const key = `${type} ${entity}`;
    revisions.set(key, Math.max(rev, revisions.get(key) ?? 0));
    if (stream.startsWith('cabinet:')) audit.observe({ stream, type, entity, rev, body, actor });
    const known = (streams[stream] ??= {
      epoch,
      keys: [],
      isFolded: FOLDED.some((kind) => stream.startsWith(kind)),
    });
    known.keys[_id.q - 1] = `${type} ${entity}`;
  }
  for (const [stream, seq] of Object.entries(await readHeads(db)))
    if ((streams[stream]?.keys.length ?? 0) !== seq)
      findings.add('lost', `${stream}: its head says ${seq}, the journal holds ${streams[stream]?.keys.length ?? 0}`);
  return { streams, events, revisions };
}

/** No entity may have changed without an event that tells of it; `revisions` are the latest that the journal tells, by type and entity. */
export async function checkEntities(db: Db, findings: Findings, revisions: ReadonlyMap<string, number>): Promise<void> {
  for (const [collection, type] of [
    ['participations', 'participationChanged'],
    ['submissions', 'submissionChanged'],
    ['scanBatches', 'scanBatchChanged'],
    ['scanColleges', 'scanCollegeChanged'],
    ['scanPages', 'scanPageChanged'],
    ['scanErrors', 'scanErrorChanged'],
  ] as const)
    for await (const { _id, rev } of db.collection<{ _id: string; rev: number }>(collection).find({})) {
      const told = revisions.get(`${type} ${_id}`) ?? 0;
      if (told !== rev) findings.add('lost', `${collection} ${_id}: at revision ${rev}, the journal tells of ${told}`);
    }
}

/** What was saved under claims, by subject, in the order of the commits. */
export async function readGuardedSaves(db: Db): Promise<KeptSave[]> {
  const saves = await db.collection<GuardedSave>('nemesisSaves').find({}).sort({ subject: 1, seq: 1 }).toArray();
  return saves.map(({ _id, subject, token }) => ({ id: _id, subject, token }));
}

/** The figures in the heads and above them, against a recount. */
export async function checkCounters(db: Db, findings: Findings): Promise<void> {
  const heads = new Map(
    (await db.collection<HeadDocument>('heads').find({}).toArray()).map((head) => [head._id, head]),
  );
  const rows = await db.collection<RollupRowDocument>('rollupRows').find({ stream: ROLLUP }).toArray();
  const counted: Figures[] = [];
  for (let municipality = 1; municipality <= MUNICIPALITIES; municipality += 1) {
    const board = boardOf(municipality);
    const participations = await db
      .collection<CountedParticipation & { municipality: string }>('participations')
      .find({ municipality: municipalityId(municipality) })
      .toArray();
    const figures = recount(INSTITUTIONS_PER_MUNICIPALITY, participations);
    counted.push(figures);
    checkFigures(findings, board, heads.get(board)?.counters ?? {}, figures);
    checkFigures(findings, `the row of ${board}`, rows.find(({ _id }) => _id === board)?.counts ?? {}, figures);
  }
  checkFigures(findings, ROLLUP, heads.get(ROLLUP)?.counters ?? {}, sumFigures(counted));
}
