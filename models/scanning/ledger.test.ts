import { describe, expect, it } from 'vitest';
import { FORMS } from '#collector/forms/index.ts';
import { attendanceInBooks } from './attendance.ts';
import { collegeFindings } from './college-check.ts';
import { openLedger, type Books } from './ledger.ts';
import {
  batchIn,
  after,
  ambiguous,
  booksOf,
  choice,
  codeWith,
  collegeWith,
  doubtful,
  freeAnswer,
  pageWith,
  PROCEDURE_NUMBER,
  readingOf,
} from './scanning.testing.ts';
import { mark, newCheck } from './check.ts';
import { stateOf } from './scan-batch.ts';
import { isUnsettled } from './scan-error.ts';
import { UNDECIDED, type ScanPage } from './scan-page.ts';
import { checkedWork } from './work.ts';

const college = collegeWith('c1', 1);
const empty = (): Books => booksOf([college], [batchIn('b-c1', college)]);

/** Puts pages in as one deed and tells the books after it. */
function put(books: Books, ...pages: ScanPage[]): Books {
  const ledger = openLedger(books);
  for (const page of pages) ledger.put(page);
  return after(books, ledger.close());
}
const front = (
  n: number,
  participant = 1,
  more: Parameters<typeof readingOf>[1] = [],
  fields: Parameters<typeof readingOf>[2] = [choice('q1', 'a')],
) =>
  pageWith(readingOf(codeWith({ holder: { kind: 'participant', number: participant } }), more, fields), { n }, college);
const back = (n: number, participant = 1, isBlank = true) =>
  pageWith(
    readingOf(
      codeWith({ holder: { kind: 'participant', number: participant }, page: 2 }),
      [],
      [freeAnswer('free1', isBlank)],
    ),
    { n },
    college,
  );
const open = (books: Books) => books.errors.filter(isUnsettled).map(({ finding }) => finding.code);
const figures = (books: Books) => books.colleges[0]?.figures;
const batch = (books: Books) => books.batches[0];
const page = (books: Books, id: string) => books.pages.find((one) => one.id === id);

describe('the books of the Collector', () => {
  it('[S1-12] [S1-13] a page finds its place and its work, and is counted in batch, room and college', () => {
    const books = put(empty(), front(1), back(2));
    expect(books.works).toMatchObject([
      { participant: 1, room: 1, pages: { 1: 'f1.1', 2: 'f1.2' }, status: 'nothingToCheck' },
    ]);
    expect(batch(books)?.figures).toMatchObject({ pages: 2, pagesRead: 2, pagesUnread: 0, works: 1, errorsOpen: 0 });
    expect(figures(books)).toMatchObject({ pagesExpected: 16, pagesRead: 2, worksExpected: 6, worksWhole: 1 });
    expect(books.colleges[0]?.rooms['1']).toMatchObject({ pagesRead: 2, worksWhole: 1 });
    expect(books.colleges[0]?.rooms['2']).toMatchObject({ pagesRead: 0 });
  });

  it('[S1-12] [S1-54] a doubtful mark keeps its work from the experts until a person has decided it', () => {
    const books = put(empty(), front(1, 1, [ambiguous('q1')], [doubtful('q1')]), back(2, 1, false));
    expect(open(books)).toEqual(['MARK_AMBIGUOUS']);
    expect(books.works[0]).toMatchObject({ status: 'uploaded', errorsOpen: 1, answers: { q1: '?' } });
    expect(batch(books)?.status).toBe('hasErrors');
    const asked = page(books, 'f1.1');
    if (!asked) throw new Error('no page');
    const ledger = openLedger(books);
    ledger.put(
      { ...asked, decisions: { ...UNDECIDED, marks: { q1: 'b' } } },
      { byName: 'Иванов', way: 'decideMarks', said: 'q1=b' },
    );
    const decided = after(books, ledger.close());
    expect(open(decided)).toEqual([]);
    expect(decided.errors[0]).toMatchObject({ status: 'resolved', byName: 'Иванов', way: 'decideMarks', rev: 2 });
    expect(decided.works[0]).toMatchObject({ status: 'awaitingCheck', answers: { q1: 'b' }, freeAnswers: ['free1'] });
    expect(figures(decided)).toMatchObject({ errorsOpen: 0, errorsSettled: 1 });
  });

  it('[S1-12] what a decision settled opens again when the decision is taken back, and is counted once', () => {
    const books = put(empty(), front(1, 1, [ambiguous('q1')], [doubtful('q1')]));
    const asked = page(books, 'f1.1');
    if (!asked) throw new Error('no page');
    const one = openLedger(books);
    one.put(
      { ...asked, decisions: { ...UNDECIDED, marks: { q1: null } } },
      { byName: 'Иванов', way: 'markBlank', said: null },
    );
    const decided = after(books, one.close());
    const two = openLedger(decided);
    two.put({ ...asked, rev: 2 }, { byName: 'Иванов', way: null, said: null });
    const taken = after(decided, two.close());
    expect(taken.errors).toMatchObject([{ status: 'open', reopened: 1, rev: 3 }]);
    expect(figures(taken)).toMatchObject({ errorsOpen: 1, errorsSettled: 0 });
  });

  it('[S1-12] the very same image twice is dropped by itself; another image of the same page is asked about', () => {
    const first = front(1);
    const same = { ...front(2), image: first.image };
    const books = put(empty(), first, same, front(3));
    expect(page(books, 'f1.2')).toMatchObject({ status: 'dropped', droppedFor: 'sameImage' });
    expect(page(books, 'f1.3')?.status).toBe('waiting');
    expect(open(books)).toEqual(['PAGE_DUPLICATE']);
    expect(batch(books)?.figures).toMatchObject({ pages: 3, pagesRead: 1, pagesUnread: 1, pagesDropped: 1 });
  });

  it('[S1-12] of two pages the later is chosen, and given back again when the choice is taken back', () => {
    const books = put(empty(), front(1), front(2));
    const later = page(books, 'f1.2');
    if (!later) throw new Error('no page');
    const choosing = openLedger(books);
    choosing.put(
      { ...later, decisions: { ...UNDECIDED, replaces: true } },
      { byName: 'Иванов', way: 'chooseOfTwo', said: 'this' },
    );
    const chosen = after(books, choosing.close());
    expect(page(chosen, 'f1.1')).toMatchObject({ status: 'dropped', droppedFor: 'replaced' });
    expect(chosen.works[0]?.pages).toEqual({ 1: 'f1.2' });
    const back = openLedger(chosen);
    const former = page(chosen, 'f1.1');
    const now = page(chosen, 'f1.2');
    if (!former || !now) throw new Error('no page');
    back.lift('f1.2');
    back.put(former);
    back.put({ ...now, decisions: UNDECIDED });
    const undone = after(chosen, back.close());
    expect(undone.works[0]?.pages).toEqual({ 1: 'f1.1' });
    expect(open(undone)).toEqual(['PAGE_DUPLICATE']);
    expect(batch(undone)?.figures).toMatchObject({ pagesRead: 1, pagesUnread: 1, pagesDropped: 0 });
  });

  it('[S1-12] a later page without faults answers an earlier one that had some', () => {
    const books = put(empty(), front(1, 1, [ambiguous('q1')], [doubtful('q1')]));
    const healed = put(books, front(2));
    expect(open(healed)).toEqual([]);
    expect(healed.errors).toMatchObject([{ status: 'resolved', byName: null, way: null, answer: { n: 2 } }]);
    expect(healed.errors[0]?.steps.at(-1)).toMatchObject({ did: 'healed', page: { fileName: 'скан.pdf', n: 2 } });
    expect(healed.works[0]?.pages).toEqual({ 1: 'f1.2' });
    // And a faulty one does not take the place of a good one.
    const again = put(healed, front(3, 1, [ambiguous('q1')], [doubtful('q1')]));
    expect(open(again)).toEqual(['PAGE_DUPLICATE']);
  });

  it('[S1-12] a page of another procedure, form, institution or of nobody has no place, and its marks are nobody’s', () => {
    const said = (code: Parameters<typeof codeWith>[0], n: number) =>
      pageWith(readingOf(codeWith(code), [ambiguous('q1')], [doubtful('q1')]), { n }, college);
    const books = put(
      empty(),
      said({ procedure: 9 }, 1),
      said({ form: 77 }, 2),
      said({ institution: 2 }, 3),
      said({ holder: { kind: 'participant', number: 7 } }, 4),
      said({ holder: { kind: 'spare', number: 1 }, form: 5 }, 5),
    );
    expect(open(books)).toEqual([
      ...['FOREIGN_PROCEDURE', 'FORM_UNKNOWN', 'FOREIGN_INSTITUTION', 'PARTICIPANT_UNKNOWN', 'PARTICIPANT_UNKNOWN'],
    ]);
    expect(books.works).toEqual([]);
    expect(figures(books)).toMatchObject({ pagesRead: 0 });
    expect(books.colleges[0]?.pagesUnread).toBe(5);
  });

  it('[S1-12] a page of another college goes there, and is counted there alone', () => {
    const other = collegeWith('c2', 2);
    const both = booksOf([college, other], [batchIn('b-c1', college), batchIn('b-c2', other)]);
    const foreign = pageWith(readingOf(codeWith({ institution: 2 })), { n: 1 }, college);
    const books = put(both, foreign);
    const found = page(books, 'f1.1');
    if (!found) throw new Error('no page');
    const ledger = openLedger(books);
    ledger.put({ ...found, college: 'c2', batch: 'b-c2' }, { byName: 'Иванов', way: 'moveTo', said: 'c2' });
    const moved = after(books, ledger.close());
    expect(
      moved.colleges.map(({ college: id, pagesUploaded, figures: { pagesRead } }) => [id, pagesUploaded, pagesRead]),
    ).toEqual(
      expect.arrayContaining([
        ['c1', 0, 0],
        ['c2', 1, 1],
      ]),
    );
    expect(open(moved)).toEqual([]);
  });

  it('[S1-12] an additional sheet joins the work that a person names, beside its pages', () => {
    const spare = pageWith(
      readingOf(codeWith({ holder: { kind: 'spare', number: 1 }, form: 5 }), [], [freeAnswer('more', false)]),
      { n: 3 },
      college,
    );
    const books = put(empty(), front(1), back(2), spare);
    const ledger = openLedger(books);
    const found = page(books, 'f1.3');
    if (!found) throw new Error('no page');
    ledger.put(
      { ...found, decisions: { ...UNDECIDED, holder: { kind: 'participant', number: 1 } } },
      { byName: 'Иванов', way: 'moveTo', said: '1' },
    );
    const joined = after(books, ledger.close());
    expect(joined.works).toMatchObject([{ more: ['f1.3'], pages: { 1: 'f1.1', 2: 'f1.2' }, status: 'awaitingCheck' }]);
    expect(figures(joined)).toMatchObject({ pagesRead: 2 });
  });

  it('[S1-54] where nothing is written for an expert nobody checks, and the work is not counted as checked', () => {
    const blank = put(empty(), front(1), back(2));
    expect(figures(blank)).toMatchObject({ worksWhole: 1, worksWritten: 0, worksChecked: 0 });
    const sent = { files: 1, filesRead: 1 };
    const [fed] = blank.batches;
    if (!fed) throw new Error('no batch');
    expect(stateOf({ figures: { ...fed.figures, ...sent }, endedAtMs: 1 })).toBe('accepted');
    const written = put(blank, front(3, 2), back(4, 2, false));
    expect(figures(written)).toMatchObject({ worksWhole: 2, worksWritten: 1, worksChecked: 0 });
  });

  it('[S1-12] [S1-54] a sheet that is scanned anew, or given to another, voids what experts marked on it, and is to be marked again', () => {
    const books = put(empty(), front(1), back(2, 1, false));
    const [work] = books.works;
    if (!work) throw new Error('no work');
    const place = { procedure: work.procedure, centre: work.centre, college: work.college, work: work.id };
    const fresh = newCheck({ ...place, id: 'k1', field: 'free1', pointsMax: 3 });
    const one = mark(fresh, { slot: 'first', points: 2, round: 1 }, { id: 'a', name: 'А' }, 1);
    const done = mark(one, { slot: 'second', points: 2, round: 1 }, { id: 'b', name: 'Б' }, 2);
    const marked = { ...books, works: [checkedWork(work, 'free1', true)], checks: [done] };
    expect(marked.works[0]?.status).toBe('checked');
    // Another page of the same work, and the very same image again, leave the marks as they are.
    const same = put(marked, { ...back(5, 1, false), image: page(books, 'f1.2')?.image ?? null });
    expect(same.checks).toEqual([done]);
    const later = put(marked, back(3, 1, false));
    const asked = page(later, 'f1.3');
    if (!asked) throw new Error('no page');
    const choosing = openLedger(later);
    choosing.put(
      { ...asked, decisions: { ...UNDECIDED, replaces: true } },
      { byName: 'И', way: 'chooseOfTwo', said: 'this' },
    );
    const rescanned = after(later, choosing.close());
    expect(rescanned.checks).toMatchObject([{ status: 'open', marks: {}, round: 2, rev: done.rev + 1 }]);
    expect(rescanned.works[0]).toMatchObject({ status: 'awaitingCheck', checkedAnswers: [] });
    expect(figures(rescanned)).toMatchObject({ worksWritten: 1, worksChecked: -1 });
    // Taken back, the former sheet stands again with its marks.
    const undoing = openLedger(rescanned);
    undoing.lift('f1.3');
    const former = page(rescanned, 'f1.2');
    const now = page(rescanned, 'f1.3');
    if (!former || !now) throw new Error('no page');
    undoing.put(former);
    undoing.put({ ...now, decisions: UNDECIDED });
    const undone = after(rescanned, undoing.close());
    expect(undone.checks).toMatchObject([{ status: 'done', points: 2, round: 3 }]);
    expect(undone.works[0]).toMatchObject({ checkedAnswers: ['free1'], errorsOpen: 1 });
    // Given to another participant, it is nobody's answer here.
    const given = page(marked, 'f1.2');
    if (!given) throw new Error('no page');
    const moving = openLedger(marked);
    moving.put({ ...given, decisions: { ...UNDECIDED, holder: { kind: 'participant', number: 2 } } });
    const moved = after(marked, moving.close());
    expect(moved.checks[0]).toMatchObject({ status: 'open', marks: {} });
    expect(moved.works.find(({ participant }) => participant === 1)).toMatchObject({
      freeAnswers: [],
      status: 'uploaded',
    });
  });

  it('figures are always the sums of what they count, whatever comes in whichever order', () => {
    // Seed printed by the loop below: a linear congruential generator is chance enough here.
    const seed = 20191112;
    let state = seed;
    const next = (below: number): number => ((state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 8) % below;
    let books = empty();
    for (let step = 0; step < 300; step++) {
      const n = 1 + next(40);
      const present = page(books, `f1.${n}`);
      const ledger = openLedger(books);
      if (present && next(2) === 0) {
        const marks = next(2) === 0 ? { q1: 'a' } : {};
        const dropped = next(4) === 0 ? ('useless' as const) : null;
        ledger.put(
          { ...present, decisions: { ...UNDECIDED, marks, dropped, replaces: next(3) === 0 } },
          { byName: 'x', way: 'drop', said: null },
        );
      } else if (!present) {
        const participant = 1 + next(8);
        const findings = next(3) === 0 ? [ambiguous('q1')] : [];
        ledger.put(next(2) === 0 ? front(n, participant, findings) : back(n, participant));
      }
      books = after(books, ledger.close());
      const standing = books.pages.filter(({ status }) => status === 'standing');
      const context = `seed ${seed}, step ${step}`;
      expect(new Set(standing.map(({ place }) => place)).size, context).toBe(standing.length);
      expect(batch(books)?.figures, context).toMatchObject({
        pages: books.pages.length,
        pagesRead: standing.length,
        pagesDropped: books.pages.filter(({ status }) => status === 'dropped').length,
        errorsOpen: books.errors.filter(isUnsettled).length,
        errorsSettled: books.errors.filter((error) => !isUnsettled(error)).length,
      });
      expect(figures(books), context).toMatchObject({
        pagesRead: standing.length,
        worksWhole: books.works.filter(({ pages }) => Object.keys(pages).length === 2).length,
        errorsOpen: books.errors.filter(isUnsettled).length,
      });
      const open = Map.groupBy(books.errors.filter(isUnsettled), ({ finding }) => finding.code);
      const counts = Object.fromEntries([...open].map(([kind, all]) => [kind, all.length]));
      expect(books.colleges[0]?.open, context).toEqual(counts);
      expect(batch(books)?.open, context).toEqual(counts);
    }
  });
});

describe('a college as a whole', () => {
  const findings = (books: Books, sheets: number, roomPages: ScanPage[] = []) =>
    collegeFindings({
      ...{ college: books.colleges[0] ?? college, procedureNumber: PROCEDURE_NUMBER, forms: FORMS, works: books.works },
      ...{ roomPages, sheets },
    }).map(({ key }) => key);

  it('[S1-12] misses the second page of a begun work, and sheets that the package had', () => {
    const books = put(empty(), front(1, 1), front(2, 2), back(3, 2));
    expect(findings(books, 2)).toEqual(['PAGE_MISSING.2.1', 'COUNT_MISMATCH']);
    expect(findings(books, 8)).toEqual(['PAGE_MISSING.2.1']);
  });

  it('[S1-12] [S1-13] who was there is known from a choice, the sheet, the own page, and the answers, in this order', () => {
    const code = codeWith({ holder: { kind: 'room', number: 1 }, form: 3 });
    const row = (n: number, said: string) => ({
      ...{ kind: 'attendance' as const, key: `row${n}`, row: n, crop: { x: 0, y: 0, width: 1, height: 1 }, marks: [] },
      decision: { kind: 'one' as const, option: said as 'absent' },
    });
    const sheet = pageWith(readingOf(code, [], [row(1, 'absent'), row(2, 'late')]), { n: 9 }, college);
    const books = put(empty(), front(1, 1), front(2, 3), sheet);
    const roomPages = books.pages.filter(({ id }) => id === 'f1.9');
    const told = (chosen: Record<string, 'attended'>) =>
      [...attendanceInBooks({ ...college, attendance: chosen }, books.works, roomPages)].map(
        ([participant, { attendance, by }]) => [participant, attendance, by],
      );
    expect(told({})).toEqual([
      [1, 'absent', 'sheet'],
      [2, 'late', 'sheet'],
      [3, 'attended', 'answers'],
    ]);
    expect(told({ 1: 'attended' })[0]).toEqual([1, 'attended', 'choice']);
  });

  it('[S1-12] asks where the attendance sheet and the works say different things', () => {
    const row = (participant: number, said: string) => ({
      ...{
        kind: 'attendance' as const,
        key: `row${participant}`,
        row: participant,
        crop: { x: 0, y: 0, width: 1, height: 1 },
        marks: [],
      },
      decision: { kind: 'one' as const, option: said as 'absent' },
    });
    const code = codeWith({ holder: { kind: 'room', number: 1 }, form: 3 });
    const sheet = pageWith(
      readingOf(code, [], [row(1, 'absent'), row(2, 'attended'), row(3, 'absent')]),
      { n: 9 },
      college,
    );
    const books = put(empty(), front(1, 1), back(2, 1), sheet);
    const roomPages = books.pages.filter(({ id }) => id === 'f1.9');
    expect(findings(books, 8, roomPages)).toEqual(['ATTENDANCE_CONFLICT.1', 'ATTENDANCE_CONFLICT.2']);
  });
});
