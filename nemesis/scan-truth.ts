/** What the Collector holds at the end, read from the database with a client of the nemesis's own, and held against the pile that was sent. */
import type { Db } from 'mongodb';
import type { Figures } from './checks/counters.ts';
import type { Findings } from './checks/findings.ts';
import {
  checkBatchFigures,
  checkErrors,
  checkPile,
  type ErrorTold,
  type KeptError,
  type KeptFile,
  type KeptPage,
  type SettleAttempt,
} from './checks/scans.ts';
import type { ScanPile } from './scan-pile.ts';
import { twinOf, type Senders } from './scan-senders.ts';

interface PageDocument extends Omit<KeptPage, 'id' | 'text'> {
  _id: string;
  reading: { identity: { text: string } | null } | null;
}
interface ErrorDocument extends Omit<KeptError, 'id' | 'code'> {
  _id: string;
  finding: { code: string };
}
interface ToldEvent {
  _id: { s: string; q: number };
  type: string;
  entity: string;
  body: { error: { status: string; byName: string | null } };
}

/** What of the pile is still on its way, for people; empty when all of it is at rest. */
export async function pileUnderWay(db: Db, senders: Senders): Promise<string[]> {
  const uploads = await db
    .collection<{ _id: string; name: string; status: string; dueAtMs: number | null }>('uploads')
    .find({ _id: { $in: [...senders.uploads.values()] } })
    .toArray();
  const files = await db.collection<{ _id: string; name: string; status: string }>('scanFiles').find({}).toArray();
  const due = await db.collection('scanColleges').countDocuments({ isDue: true });
  return [
    ...uploads.filter(({ dueAtMs }) => dueAtMs !== null).map(({ name, status }) => `upload ${name} is ${status}`),
    ...files
      .filter(({ status }) => status !== 'read' && status !== 'refused')
      .map((one) => `${one.name}: ${one.status}`),
    ...(due > 0 ? [`${due} colleges are not looked over`] : []),
  ];
}

export async function checkScans(
  db: Db,
  findings: Findings,
  pile: ScanPile,
  senders: Senders,
  attempts: readonly SettleAttempt[],
): Promise<{ files: number; pages: number; errors: number; settled: number }> {
  const files = (await db.collection<Omit<KeptFile, 'id'> & { _id: string }>('scanFiles').find({}).toArray()).map(
    ({ _id, ...file }) => ({ ...file, id: _id, pages: file.pages ?? null }),
  );
  const pages = (await db.collection<PageDocument>('scanPages').find({}).toArray()).map(
    ({ _id, reading, ...page }): KeptPage => ({ ...page, id: _id, text: reading?.identity?.text ?? null }),
  );
  const errors = (await db.collection<ErrorDocument>('scanErrors').find({}).toArray()).map(
    ({ _id, finding, ...error }): KeptError => ({ ...error, id: _id, code: finding.code }),
  );
  const kept = { files, pages, errors };
  const sent = pile.files.map((file) => {
    const names = [file.name, ...(file.isSentTwice ? [twinOf(file.name)] : [])];
    return {
      ...{ sha256: file.sha256, names, pages: file.pages },
      isAcknowledged: names.some((name) => senders.acknowledged.has(name)),
    };
  });
  checkPile(findings, sent, kept);
  for (const { names, isAcknowledged } of sent)
    if (!isAcknowledged) findings.add('stale', `for good: ${names.join(', ')} could not be sent to its end`);

  const told = await db.collection<ToldEvent>('events').find({ type: 'scanErrorChanged' }).sort({ _id: 1 }).toArray();
  checkErrors(
    findings,
    errors,
    told
      .filter(({ _id }) => _id.s.startsWith('scanErrors:'))
      .map(({ entity, body: { error } }): ErrorTold => ({ error: entity, status: error.status, byName: error.byName })),
    attempts,
  );
  const batches = await db.collection<{ _id: string; figures: Figures }>('scanBatches').find({}).toArray();
  for (const { _id, figures } of batches) checkBatchFigures(findings, _id, figures, kept);
  return {
    ...{ files: files.length, pages: pages.length, errors: errors.length },
    settled: errors.filter(({ status }) => status === 'resolved').length,
  };
}
