/** The checks must be able to fail: each planted history is counted as what it is. */
import { describe, expect, it } from 'vitest';
import { boardOf, cabinetOf } from '../world.ts';
import { checkClaims, checkGuardedSaves, type ClaimAttempt, type KeptSave, type SaveAttempt } from './claims.ts';
import { checkFigures, recount, sumFigures } from './counters.ts';
import { DeedAudit } from './deeds.ts';
import { Findings, type Counted } from './findings.ts';
import { checkFollowing, type Step, type StreamTruth } from './following.ts';
import { JournalCheck } from './journal.ts';
import { leakOf } from './oracle.ts';
import { checkRevocation } from './revocation.ts';
import {
  checkBatchFigures,
  checkErrors,
  checkPile,
  recountBatch,
  type KeptError,
  type KeptPage,
  type KeptPile,
  type SentFile,
  type SentPage,
} from './scans.ts';
import { checkStaleness } from './staleness.ts';

function counted(check: (findings: Findings) => void): Partial<Record<Counted, number>> {
  const findings = new Findings();
  check(findings);
  return Object.fromEntries(Object.entries(findings.counts).filter(([, count]) => count > 0));
}

describe('following a stream', () => {
  const posts: StreamTruth = { epoch: 'one', keys: ['a', 'b', 'a', 'c', 'b'], isFolded: false };
  const board: StreamTruth = { ...posts, isFolded: true };
  const begin: Step = { kind: 'snapshot', epoch: 'one', seq: 0 };
  const applied = (last: number, ...events: number[]): Step => ({ kind: 'applied', epoch: 'one', last, events });
  const follow = (truth: StreamTruth, ...steps: Step[]) =>
    counted((findings) => checkFollowing(findings, 'viewer', truth, [begin, ...steps]));

  it('finds nothing in what is whole and in order', () => {
    expect(follow(posts, applied(2, 1, 2), applied(5, 3, 4, 5))).toEqual({});
  });
  it('counts a lost event', () => {
    expect(follow(posts, applied(2, 1, 2), applied(5, 4, 5))).toEqual({ lost: 1 });
  });
  it('counts a doubled event', () => {
    expect(follow(posts, applied(2, 1, 2), applied(3, 2, 3))).toEqual({ doubled: 1 });
  });
  it('counts an event that the snapshot held already', () => {
    expect(follow(posts, { kind: 'snapshot', epoch: 'one', seq: 4 }, applied(5, 4, 5))).toEqual({ doubled: 1 });
  });
  it('counts a reordered event', () => {
    expect(follow(posts, applied(3, 1, 3, 2))).toEqual({ reordered: 1 });
  });
  it('counts events of another life without a snapshot of it', () => {
    expect(follow(posts, { kind: 'applied', epoch: 'two', last: 1, events: [1] })).toEqual({ reordered: 1 });
  });
  it('counts an event that the journal does not hold', () => {
    expect(follow(posts, applied(6, 1, 2, 3, 4, 5, 6))).toEqual({ diverged: 1 });
  });
  it('lets a folded stream skip what a later event of the same entity says anew, and nothing else', () => {
    expect(follow(board, applied(5, 3, 4, 5))).toEqual({});
    expect(follow(board, applied(5, 3, 5))).toEqual({ lost: 1 });
    expect(follow(posts, applied(5, 3, 4, 5))).toEqual({ lost: 2 });
  });
});

describe('the journal', () => {
  const event = (q: number, rev: number, entity = 'a') => ({ stream: 's', q, epoch: 'e', type: 't', entity, rev });
  const check = (...events: ReturnType<typeof event>[]) =>
    counted((findings) => {
      const journal = new JournalCheck(findings);
      for (const each of events) journal.observe(each);
    });

  it('is whole when sequences and revisions rise by one', () => {
    expect(check(event(1, 1), event(2, 1, 'b'), event(3, 2))).toEqual({});
  });
  it('shows a hole in the sequence', () => expect(check(event(1, 1), event(3, 2))).toEqual({ lost: 1 }));
  it('shows a revision that no event tells of', () => expect(check(event(1, 1), event(2, 3))).toEqual({ lost: 1 }));
  it('shows a deed recorded twice', () => expect(check(event(1, 1), event(2, 1))).toEqual({ doubled: 1 }));
  it('shows a revision after a later one', () =>
    expect(check(event(1, 1), event(2, 2), event(3, 1))).toEqual({ reordered: 1 }));
  it('lets a tally leap forward, never stand still or go back', () => {
    const tally = (q: number, rev: number) => ({ ...event(q, rev), type: 'deedsNoted' });
    expect(check(tally(1, 4), tally(2, 9))).toEqual({});
    expect(check(tally(1, 4), tally(2, 4))).toEqual({ doubled: 1 });
    expect(check(tally(1, 4), tally(2, 3))).toEqual({ reordered: 1 });
  });
});

describe('the oracle of territories', () => {
  const [own, foreign] = [
    { municipality: 2, institution: 3 },
    { municipality: 1, institution: 3 },
  ];
  it('lets everybody see what is his', () => {
    expect(leakOf({ role: 'region' }, boardOf(1), '"q1x3"')).toBeNull();
    expect(leakOf({ role: 'municipality', municipality: 2 }, boardOf(2), '"q2x3" "q2x4"')).toBeNull();
    expect(leakOf({ role: 'institution', ...own }, cabinetOf(own), '"q2x3" "Pq2x3"')).toBeNull();
  });
  it('takes no part of an id of chance for a name', () => {
    expect(leakOf({ role: 'municipality', municipality: 2 }, boardOf(2), '{"e":"Aq1x3-_q1x3b","q":7}')).toBeNull();
  });
  it('sees an event of another territory', () => {
    expect(leakOf({ role: 'municipality', municipality: 2 }, boardOf(1), '')).not.toBeNull();
    expect(leakOf({ role: 'municipality', municipality: 2 }, boardOf(2), '"q1x3"')).not.toBeNull();
    expect(leakOf({ role: 'institution', ...own }, cabinetOf(own), '"q2x4"')).not.toBeNull();
    expect(leakOf({ role: 'institution', ...own }, cabinetOf(foreign), '"q1x3"')).not.toBeNull();
  });
  it('sees personal data before the eyes of a municipality', () => {
    expect(leakOf({ role: 'municipality', municipality: 2 }, boardOf(2), '"Pq2x3"')).not.toBeNull();
  });
  it('sees the scans of another college, and what only its centre may see', () => {
    const college = { role: 'college', college: 'c48-1' } as const;
    expect(leakOf(college, 'ownScans:study:c48-1', '"c48-1"')).toBeNull();
    expect(leakOf({ role: 'centre' }, 'scanErrors:study:sc48', '"c48-1" "c48-2"')).toBeNull();
    expect(leakOf(college, 'ownScans:study:c48-2', '')).not.toBeNull();
    expect(leakOf(college, 'ownScans:study:c48-1', '"c48-2"')).not.toBeNull();
    expect(leakOf(college, 'scanErrors:study:sc48', '')).not.toBeNull();
    expect(leakOf({ role: 'municipality', municipality: 2 }, 'collector:study:sc48', '')).not.toBeNull();
  });
  it('sees a stream that is nothing to a role', () => {
    expect(leakOf({ role: 'municipality', municipality: 2 }, cabinetOf(own), '')).not.toBeNull();
    expect(leakOf({ role: 'ticket', ...own }, cabinetOf(own), '')).not.toBeNull();
  });
  it('counts what came after a right had ended', () => {
    const steps: Step[] = [
      { kind: 'snapshot', epoch: 'e', seq: 3 },
      { kind: 'applied', epoch: 'e', last: 6, events: [4, 5, 6] },
    ];
    expect(counted((findings) => checkRevocation(findings, 'v', 's', 5, steps))).toEqual({ leaked: 1 });
    expect(counted((findings) => checkRevocation(findings, 'v', 's', 6, steps))).toEqual({});
  });
});

describe('claims', () => {
  const attempt = (by: string, from: number, to: number, token: number, more: Partial<ClaimAttempt> = {}) => ({
    thing: 't',
    by,
    askedAtMs: from,
    answeredAtMs: to,
    granted: { token, leaseMs: 100 },
    releasedAtMs: null,
    ...more,
  });
  const check = (...attempts: ClaimAttempt[]) => counted((findings) => checkClaims(findings, attempts));

  it('may follow each other', () => {
    expect(check(attempt('a', 0, 10, 1), attempt('b', 105, 120, 2))).toEqual({});
    expect(check(attempt('a', 0, 10, 1, { releasedAtMs: 30 }), attempt('b', 40, 50, 2))).toEqual({});
    expect(check(attempt('a', 0, 10, 1), attempt('a', 50, 60, 1))).toEqual({});
  });
  it('are broken by two holders in one moment', () => {
    expect(check(attempt('a', 0, 10, 1), attempt('b', 40, 50, 2))).toEqual({ brokenClaims: 1 });
  });
  it('are broken by a token that is given twice, or falls', () => {
    expect(check(attempt('a', 0, 10, 1), attempt('b', 200, 210, 1))).toMatchObject({ brokenClaims: 1 });
    expect(check(attempt('a', 0, 10, 2), attempt('b', 200, 210, 1))).toEqual({ brokenClaims: 1 });
  });
  it('may be taken too early by a wrong clock, but never with a smaller token', () => {
    const check = (token: number) =>
      counted((findings) => checkClaims(findings, [attempt('a', 0, 10, 2), attempt('b', 20, 30, token)], [[15, 40]]));
    expect(check(3)).toEqual({});
    expect(check(1)).toEqual({ brokenClaims: 1 });
  });
  it('let no late holder save over a later one, keep what was acknowledged, and nothing that was refused', () => {
    const save = (id: string, token: number): KeptSave => ({ id, subject: 't', token });
    const asked = (id: string, outcome: SaveAttempt['outcome']): SaveAttempt => ({ ...save(id, 1), outcome });
    const check = (attempts: SaveAttempt[], kept: KeptSave[]) =>
      counted((findings) => checkGuardedSaves(findings, attempts, kept));
    expect(check([asked('a', 'done'), asked('b', 'refused'), asked('c', 'unknown')], [save('a', 1)])).toEqual({});
    expect(check([], [save('a', 1), save('b', 2), save('c', 1)])).toEqual({ brokenClaims: 1 });
    expect(check([asked('a', 'done')], [])).toEqual({ lost: 1 });
    expect(check([asked('a', 'refused')], [save('a', 1)])).toEqual({ brokenClaims: 1 });
  });
});

describe('staleness', () => {
  const samples = [
    { atMs: 1_000, seq: 5 },
    { atMs: 2_000, seq: 6 },
  ];
  const check = (progress: [number, number][], hearing: [number, number][], excused: [number, number][] = []) =>
    counted((findings) => void checkStaleness(findings, { who: 'v', progress, hearing }, samples, 500, excused));

  it('counts a viewer who hears his node and is behind for longer than the bound', () => {
    expect(check([[0, 4], [1_700, 5], [2_100, 6]], [[0, 9_000]])).toEqual({ stale: 1 }); // prettier-ignore
    expect(check([[0, 4]], [[0, 9_000]])).toEqual({ stale: 1 });
  });
  it('does not count one who knows that he hears nothing, nor a time when the store was away', () => {
    expect(check([[0, 4], [1_400, 5], [2_100, 6]], [[0, 9_000]])).toEqual({}); // prettier-ignore
    expect(check([[0, 4], [5_000, 6]], [[4_000, 9_000]])).toEqual({}); // prettier-ignore
    expect(check([[0, 4], [5_000, 6]], [[0, 9_000]], [[900, 2_600]])).toEqual({}); // prettier-ignore
  });
});

describe('figures', () => {
  const participation = (status: string, phase: string) => ({
    access: { status },
    progress: {
      phase,
      templateAtMs: null,
      sentAtMs: 1,
      attestedAtMs: null,
      reportAtMs: phase === 'processed' ? 2 : null,
    },
  });
  const figures = recount(3, [participation('awaited', 'none'), participation('activated', 'processed')]);
  it('agree with a recount', () => {
    expect(figures).toMatchObject({ all: 3, registered: 2, awaitingAccess: 1, sent: 2, processed: 1, report: 1 });
    expect(counted((findings) => checkFigures(findings, 'board', { ...figures, template: 0 }, figures))).toEqual({});
  });
  it('drift when one is not what was counted, or missing', () => {
    const kept = Object.fromEntries(Object.entries({ ...figures, report: 2 }).filter(([name]) => name !== 'sent'));
    expect(counted((findings) => checkFigures(findings, 'board', kept, figures))).toEqual({ driftedCounters: 2 });
  });
  it('add up', () => {
    expect(sumFigures([figures, figures])).toMatchObject({ all: 6, registered: 4 });
  });
});

describe('deeds', () => {
  const place = { municipality: 1, institution: 1 };
  const view = (rev: number, status: string) => ({
    stream: cabinetOf(place),
    type: 'participationChanged',
    entity: 'p/q1x1',
    rev,
    body: { participation: { access: { status }, progress: { templateAtMs: null } } },
    actor: 'person',
  });
  const check = (audit: DeedAudit) => counted((findings) => audit.check(findings));

  it('are all there when each left its event', () => {
    const audit = new DeedAudit();
    audit.done(place, 'register', '');
    audit.done(place, 'giveAccess', '');
    audit.observe(view(1, 'awaited'));
    audit.observe(view(2, 'given'));
    expect(check(audit)).toEqual({});
  });
  it('are lost when one that was acknowledged left none', () => {
    const audit = new DeedAudit();
    audit.done(place, 'register', '');
    audit.done(place, 'giveAccess', '');
    audit.observe(view(1, 'awaited'));
    expect(check(audit)).toEqual({ lost: 1 });
  });
  it('are doubled when one left more events than it was asked for', () => {
    const audit = new DeedAudit();
    audit.done(place, 'register', '');
    audit.done(place, 'renewTicket', '');
    audit.unknown(place, 'renewTicket');
    for (const rev of [1, 2, 3, 4]) audit.observe(view(rev, 'awaited'));
    expect(check(audit)).toEqual({ doubled: 1 });
  });
  it('leave one event when only the first of them changes anything', () => {
    const audit = new DeedAudit();
    audit.done(place, 'register', '');
    audit.done(place, 'template', '');
    audit.done(place, 'template', '');
    audit.observe(view(1, 'activated'));
    expect(check(audit)).toEqual({ lost: 1 });
    for (const [rev, at] of [
      [2, 1],
      [3, 2],
    ] as const)
      audit.observe({
        ...view(rev, 'activated'),
        body: { participation: { access: { status: 'activated' }, progress: { templateAtMs: at } } },
      });
    expect(check(audit)).toEqual({ doubled: 1 });
  });
  it('may have happened or not when nobody knows how they ended', () => {
    const audit = new DeedAudit();
    audit.unknown(place, 'register');
    expect(check(audit)).toEqual({});
    audit.observe(view(1, 'awaited'));
    expect(check(audit)).toEqual({});
  });
});

describe('the pile', () => {
  const page = (text: string, more: Partial<SentPage> = {}): SentPage => ({
    ...{ text, error: null, answer: null, isTwin: false },
    ...more,
  });
  const sent: SentFile = {
    ...{ sha256: 'sum', names: ['one.pdf', 'again.pdf'], isAcknowledged: true },
    pages: [page('A'), page('B', { error: 'CODE_UNREADABLE' }), page('A', { isTwin: true })],
  };
  const kept = (n: number, status: string, text: string | null, file = 'f'): KeptPage => ({
    ...{ id: `${file}.${n}`, batch: 'b', file, n, status, text },
  });
  const unreadable: KeptError = { id: 'e', batch: 'b', page: 'f.2', code: 'CODE_UNREADABLE', status: 'open' };
  const file = { id: 'f', batch: 'b', sha256: 'sum', status: 'read', pages: 3 };
  const whole: KeptPile = {
    files: [file],
    pages: [kept(1, 'standing', 'A'), kept(2, 'waiting', null), kept(3, 'dropped', 'A')],
    errors: [unreadable],
  };
  const settled: KeptPile = {
    ...whole,
    pages: whole.pages.with(1, kept(2, 'standing', 'B')),
    errors: [{ ...unreadable, status: 'resolved' }],
  };
  const check = (pile: Partial<KeptPile>, of: KeptPile = whole) =>
    counted((findings) => checkPile(findings, [sent], { ...of, ...pile }));

  it('is whole when every page stands once, or waits with the error that it must make', () => {
    expect(check({})).toEqual({});
    expect(check({}, settled)).toEqual({});
  });
  it('shows a lost file, a lost page and one that is nowhere without an error', () => {
    expect(check({ files: [], pages: [], errors: [] })).toEqual({ lost: 3 });
    expect(check({ pages: whole.pages.toSpliced(0, 1) })).toEqual({ lost: 1 });
    expect(check({ pages: whole.pages.with(0, kept(1, 'waiting', 'A')) })).toEqual({ lost: 1 });
    expect(check({ files: [{ ...file, status: 'refused', pages: null }] })).toEqual({ lost: 3 });
    expect(check({ pages: whole.pages.with(0, kept(1, 'dropped', 'A')) })).toEqual({ lost: 1 });
  });
  it('lets a file be away of which nobody was told that it is here', () => {
    const unknown = { ...sent, isAcknowledged: false };
    expect(counted((findings) => checkPile(findings, [unknown], { files: [], pages: [], errors: [] }))).toEqual({});
  });
  it('shows a file that is there twice, a page booked twice, one that stands twice and one that nobody sent', () => {
    expect(check({ files: [file, { ...file, id: 'g' }] })).toEqual({ doubled: 1 });
    expect(check({ pages: [...whole.pages, kept(1, 'dropped', 'A')] })).toEqual({ doubled: 1 });
    expect(check({ pages: whole.pages.with(2, kept(3, 'standing', 'A')) })).toEqual({ doubled: 2 });
    expect(check({ pages: [...whole.pages, kept(4, 'standing', 'C')] })).toEqual({ doubled: 1 });
  });
  it('shows a page that was taken for another, and an error without a cause, without its page, or more than once', () => {
    expect(check({ pages: whole.pages.with(0, kept(1, 'standing', 'C')) })).toEqual({ diverged: 1 });
    expect(check({ errors: [unreadable, { ...unreadable, id: 'x', page: 'f.1', code: 'FORM_UNKNOWN' }] })).toEqual({
      diverged: 1,
    });
    expect(check({ errors: [] }, settled)).toEqual({ lost: 1 });
    expect(check({ errors: [...settled.errors, { ...unreadable, id: 'x', status: 'resolved' }] }, settled)).toEqual({
      doubled: 1,
    });
    expect(check({ pages: settled.pages })).toEqual({ diverged: 1 });
  });

  it('has errors that are open or settled, as everybody was told, and by whom', () => {
    const done = { error: 'e', by: 'Иванов', outcome: 'done' as const };
    const told = (status: string, byName: string | null = null) => ({ error: 'e', status, byName });
    const life = [told('open'), told('resolved', 'Иванов')];
    const checked = (status: string, ...given: [typeof life, (typeof done)[]]) =>
      counted((findings) => checkErrors(findings, [{ ...unreadable, status }], ...given));
    expect(checked('resolved', life, [done])).toEqual({});
    expect(checked('open', [told('open')], [{ ...done, outcome: 'refused' as 'done' }])).toEqual({});
    expect(checked('open', life, [done])).toEqual({ diverged: 1 });
    expect(checked('open', [told('open')], [done])).toEqual({ lost: 1 });
    expect(checked('open', [], [])).toEqual({ lost: 1 });
    expect(checked('resolved', [...life, told('resolved', 'Петрова')], [done, { ...done, by: 'Петрова' }])).toEqual({
      doubled: 1,
    });
    expect(checked('resolved', life, [])).toEqual({ diverged: 1 });
    expect(counted((findings) => checkErrors(findings, [], life, []))).toEqual({ lost: 1 });
  });
  it('drifts when a figure of its batch is not what is there', () => {
    const figures = recountBatch('b', whole);
    expect(figures).toMatchObject({ files: 1, pages: 3, pagesRead: 1, pagesUnread: 1, pagesDropped: 1, errorsOpen: 1 });
    expect(counted((findings) => checkBatchFigures(findings, 'b', figures, whole))).toEqual({});
    expect(counted((findings) => checkBatchFigures(findings, 'b', { ...figures, pagesRead: 2 }, whole))).toEqual({
      driftedCounters: 1,
    });
  });
});
