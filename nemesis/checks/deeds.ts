/**
 * Deeds held against the journal: whatever was acknowledged is there, and nothing is there twice. A deed whose answer got lost
 * may have happened or not; it is repeated with the same content, and must not happen twice as often as it was asked for. Pure.
 */
import { institutionId, type InstitutionPlace } from '../world.ts';
import type { Findings } from './findings.ts';

export type DeedKind =
  'register' | 'giveAccess' | 'declineAccess' | 'renewTicket' | 'activate' | 'template' | 'send' | 'attest';

/** An event of a cabinet, as the journal holds it. */
export interface CabinetRecord {
  stream: string;
  type: string;
  entity: string;
  rev: number;
  body: unknown;
  /** Who did it; `hub` is what the hub does by itself: reading files, again when a lease ran out. */
  actor: string;
}

interface ParticipationSeen {
  access: { status: string };
  progress: { templateAtMs: number | null };
}

interface Tally {
  done: Map<DeedKind, number>;
  unknown: Map<DeedKind, number>;
  found: Map<DeedKind, number>;
  /** Acknowledged submissions, and those the journal holds, by what became of them. */
  sent: Set<string>;
  attested: Set<string>;
  submissions: Map<string, Set<string>>;
  before: ParticipationSeen | null;
}

const add = (counts: Map<DeedKind, number>, kind: DeedKind): void => void counts.set(kind, (counts.get(kind) ?? 0) + 1);

/** Deeds that leave one event each, told by what they change. */
const COUNTED_DEEDS = ['register', 'giveAccess', 'declineAccess', 'renewTicket', 'activate', 'template'] as const;
/** Of these only the first changes anything, however often it is done (S2-10). */
const FIRST_ONLY: ReadonlySet<DeedKind> = new Set(['template']);

export class DeedAudit {
  readonly #tallies = new Map<string, Tally>();
  acknowledged = 0;
  unanswered = 0;

  /** A deed was acknowledged; `submission` is the id it gave or was given. */
  done(place: InstitutionPlace, kind: DeedKind, submission: string): void {
    this.acknowledged += 1;
    const tally = this.#tallyOf(institutionId(place));
    add(tally.done, kind);
    if (kind === 'send') tally.sent.add(submission);
    if (kind === 'attest') tally.attested.add(submission);
  }

  /** Nobody knows whether a deed happened. */
  unknown(place: InstitutionPlace, kind: DeedKind): void {
    this.unanswered += 1;
    add(this.#tallyOf(institutionId(place)).unknown, kind);
  }

  /** Feeds on the events of cabinets, each stream in order. */
  observe({ stream, type, entity, body, actor }: CabinetRecord): void {
    const tally = this.#tallyOf(stream.split(':')[2] ?? '');
    if (type === 'submissionChanged') {
      const { status } = (body as { submission: { status: string } }).submission;
      const statuses = tally.submissions.get(entity) ?? new Set();
      tally.submissions.set(entity, statuses.add(status));
    } else if (type === 'participationChanged') {
      const { participation } = body as { participation: ParticipationSeen };
      const kind = actor === 'hub' ? null : kindOf(tally.before, participation);
      if (kind) add(tally.found, kind);
      tally.before = participation;
    }
  }

  check(findings: Findings): void {
    for (const [institution, tally] of this.#tallies) {
      for (const kind of COUNTED_DEEDS) {
        const found = tally.found.get(kind) ?? 0;
        const atMost = FIRST_ONLY.has(kind) ? 1 : Infinity;
        const done = Math.min(atMost, tally.done.get(kind) ?? 0);
        const most = Math.min(atMost, done + (tally.unknown.get(kind) ?? 0));
        const told = `${institution}: ${kind} acknowledged ${done}, at most ${most}, found ${found}`;
        if (found < done) findings.add('lost', told, done - found);
        if (found > most) findings.add('doubled', told, found - most);
      }
      for (const id of tally.sent)
        if (!tally.submissions.has(id)) findings.add('lost', `${institution}: submission ${id} is not in the journal`);
      for (const id of tally.attested)
        if (!tally.submissions.get(id)?.has('attested')) findings.add('lost', `${institution}: the tick of ${id}`);
      for (const [id, statuses] of tally.submissions)
        if (statuses.has('processed') && statuses.has('failed'))
          findings.add('doubled', `${institution}: submission ${id} was read twice, with two results`);
    }
  }

  #tallyOf(institution: string): Tally {
    const present = this.#tallies.get(institution);
    if (present) return present;
    const tally: Tally = {
      done: new Map(),
      unknown: new Map(),
      found: new Map(),
      sent: new Set(),
      attested: new Set(),
      submissions: new Map(),
      before: null,
    };
    this.#tallies.set(institution, tally);
    return tally;
  }
}

/** Which deed turned one view of a participation into the next; null for what a submission did. */
function kindOf(before: ParticipationSeen | null, after: ParticipationSeen): DeedKind | null {
  if (!before) return 'register';
  if (before.access.status !== after.access.status) {
    if (after.access.status === 'given') return 'giveAccess';
    return after.access.status === 'declined' ? 'declineAccess' : 'activate';
  }
  // Declined once more for another reason, or a way back that a new ticket opens.
  if (JSON.stringify(before.access) !== JSON.stringify(after.access))
    return after.access.status === 'declined' ? 'declineAccess' : 'renewTicket';
  if (before.progress.templateAtMs !== after.progress.templateAtMs) return 'template';
  return JSON.stringify(before.progress) === JSON.stringify(after.progress) ? 'renewTicket' : null;
}
