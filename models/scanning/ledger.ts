/**
 * The books of the Collector: what a changed page means for its place, its work, its errors, and for the figures of batch, room and college.
 * A page is put in; everything else follows from it and from what stood there before, so that the figures are always sums of what they
 * count. Works on copies; `close` tells what changed. Pure.
 */
import type { CollectorFinding, CollectorFindingCode } from '#collector/finding.ts';
import { findForm, type FormDefinition } from '#collector/form.ts';
import { added, type Counts } from './figures.ts';
import { changePicture, type Check } from './check.ts';
import type { CollegeFinding } from './college-check.ts';
import { changeBatch, type BatchFigures, type ScanBatch, type ScanFile } from './scan-batch.ts';
import { changeCollege, roomOf, type CollegeChange, type Difference, type ScanCollege } from './scan-college.ts';
import { BY_A_PAGE, isUnsettled, raised, resolved, type Cause, type ErrorPlace, type ScanError } from './scan-error.ts';
import {
  codeOf,
  findingKey,
  findingsOf,
  hasPlace,
  placeOf,
  workId,
  type DropReason,
  type PageSurroundings,
  type ScanPage,
} from './scan-page.ts';
import { answersChanged, gathered, isWhole, newWork, workState, type Work } from './work.ts';

/** Everything that the changed pages may touch, as it was read. */
export interface Books {
  procedureNumber: number;
  forms: readonly FormDefinition[];
  colleges: readonly ScanCollege[];
  batches: readonly ScanBatch[];
  /** The pages that are to change, those that stand in their places, and those of the works that they belong to. */
  pages: readonly ScanPage[];
  works: readonly Work[];
  /** Of the free answers of these works. */
  checks: readonly Check[];
  /** Of all these pages. */
  errors: readonly ScanError[];
  /** Names of files, for errors. */
  fileNames: ReadonlyMap<string, string>;
  nowMs: number;
}

/** What is to be saved; revisions are those after the change. */
export interface BooksChange {
  pages: ScanPage[];
  works: Work[];
  checks: Check[];
  errors: ScanError[];
  batches: ScanBatch[];
  colleges: ScanCollege[];
}

/** An error as it is to be. */
interface Wanted {
  place: Omit<ErrorPlace, 'id'>;
  finding: CollectorFinding;
}

/** What one page, error or work adds to the figures around it. */
interface Tally {
  batch: string | null;
  college: string;
  room: number | null;
  inBatch: Partial<BatchFigures>;
  /** Of the college and of the room. */
  figures: Difference;
  /** Of college and batch. */
  open?: Counts<CollectorFindingCode>;
  /** Of the college alone. */
  awaited?: Counts<CollectorFindingCode>;
  pagesUploaded?: number;
  pagesUnread?: number;
}

export function openLedger(books: Books) {
  const { procedureNumber, forms, nowMs } = books;
  const before = {
    pages: new Map(books.pages.map((page) => [page.id, page])),
    works: new Map(books.works.map((work) => [work.id, work])),
    errors: new Map(books.errors.map((error) => [error.id, error])),
    checks: new Map(books.checks.map((check) => [check.id, check])),
  };
  const pages = new Map(before.pages);
  const works = new Map(before.works);
  const errors = new Map(before.errors);
  const checks = new Map(before.checks);
  const colleges = new Map(books.colleges.map((college) => [college.college, college]));
  const standing = new Map<string, string>();
  for (const page of books.pages) if (page.status === 'standing' && page.place) standing.set(page.place, page.id);

  const collegeOf = (id: string): ScanCollege => {
    const found = colleges.get(id);
    if (!found) throw new Error(`the books are without college ${id}`);
    return found;
  };

  function surroundings(page: ScanPage, place: string | null): PageSurroundings {
    const otherId = place === null ? undefined : standing.get(place);
    const other = otherId === undefined || otherId === page.id ? null : (pages.get(otherId) ?? null);
    return { procedureNumber, forms, college: collegeOf(page.college), other };
  }

  /** The errors of one thing as they follow from it now; `isOf` are those that it has so far. */
  function reconcile(
    wanted: ReadonlyMap<string, Wanted>,
    isOf: (error: ScanError) => boolean,
    causeOf: (error: ScanError | null) => Cause,
  ): void {
    for (const error of [...errors.values()])
      if (isOf(error) && !wanted.has(error.id) && isUnsettled(error))
        errors.set(error.id, resolved(error, causeOf(error), nowMs));
    for (const [id, { place, finding }] of wanted) {
      const present = errors.get(id) ?? null;
      errors.set(id, raised(present, { id, ...place }, finding, nowMs, causeOf(null)));
    }
  }

  function reconcilePage(page: ScanPage, findings: readonly CollectorFinding[], cause: Cause): void {
    const { procedure, centre, college, batch, file, n, work } = page;
    const place = {
      ...{ procedure, centre, college, collegeName: collegeOf(college).name, batch, file, page: page.id, n, work },
      ...{ fileName: books.fileNames.get(file) ?? null, room: roomNumber(page) },
    };
    const wanted = new Map(findings.map((finding) => [`${page.id}.${findingKey(finding)}`, { place, finding }]));
    reconcile(
      wanted,
      (error) => error.page === page.id,
      () => cause,
    );
  }

  function roomNumber(page: ScanPage): number | null {
    const code = page.place === null ? null : codeOf(page);
    if (code?.holder.kind === 'participant')
      return roomOf(collegeOf(page.college).roster, code.holder.number)?.number ?? null;
    return code?.holder.kind === 'room' ? code.holder.number : null;
  }

  const openErrorsOf = (page: string): ScanError[] =>
    [...errors.values()].filter((error) => error.page === page && isUnsettled(error));

  /** What this page answers by coming, it is told by. */
  function comingOf({ file, n }: ScanPage): Cause {
    const fileName = books.fileNames.get(file);
    return fileName === undefined ? BY_A_PAGE : { ...BY_A_PAGE, page: { fileName, n } };
  }

  /** What was missed of a work is answered by the page that stands there now. */
  function cameFor({ work, finding }: ScanError): Cause {
    if (finding.code !== 'PAGE_MISSING') return BY_A_PAGE;
    const isIt = (page: ScanPage): boolean =>
      page.work === work && page.status === 'standing' && codeOf(page)?.page === finding.data.page;
    const page = [...pages.values()].find(isIt);
    return page ? comingOf(page) : BY_A_PAGE;
  }

  /** Whether the page may take the place of another without being asked: the other has something wrong with it, and this one has not. */
  function mayReplace(page: ScanPage, other: ScanPage): boolean {
    const wrong = openErrorsOf(other.id);
    if (wrong.length === 0) return false;
    if (wrong.some(({ status }) => status === 'awaitingRescan')) return true;
    return findingsOf(page, { ...surroundings(page, null), other: null }).length === 0;
  }

  function dropPage(page: ScanPage, reason: DropReason, cause: Cause): void {
    lift(page.id);
    const dropped: ScanPage = { ...page, status: 'dropped', droppedFor: reason };
    pages.set(page.id, dropped);
    reconcilePage(dropped, [], cause);
    if (page.work !== null) gather(page.work);
  }

  /** A work as its standing pages make it now: all of them have to be in the books. */
  function gather(id: string): void {
    // From what it was before the deed: a page that is put back within it has not been away.
    const work = before.works.get(id) ?? works.get(id);
    if (!work) return;
    const own = [...pages.values()].filter((page) => page.work === id && page.status === 'standing');
    const open = [...errors.values()].filter((error) => error.work === id && isUnsettled(error)).length;
    works.set(id, gathered(work, own, open));
  }

  /** What experts marked of pictures that are there no more is void, once all pages of the deed are in their places. */
  function voidWhatChanged(): void {
    for (const [former, now] of changed(before.works, works)) {
      const fields = former ? answersChanged(former, now) : [];
      if (!former || fields.length === 0) continue;
      const own = [...checks.values()]
        .filter(({ work }) => work === now.id)
        .map((check) => {
          const { field } = check;
          if (!fields.includes(field)) return check;
          return changePicture(check, { was: former.sources[field] ?? '', is: now.sources[field] ?? null }, nowMs);
        });
      for (const check of own) checks.set(check.id, check);
      const isDone = (key: string): boolean => own.some(({ field, status }) => field === key && status === 'done');
      const checkedAnswers = now.freeAnswers.filter(isDone);
      const isBegun = own.some(({ marks }) => Object.keys(marks).length > 0);
      const marked = { ...now, checkedAnswers, isBegun };
      works.set(now.id, { ...marked, status: workState(marked) });
    }
  }

  function lift(id: string): void {
    const page = pages.get(id);
    if (page?.place && standing.get(page.place) === id) standing.delete(page.place);
  }

  function workOf(page: ScanPage, code: NonNullable<ReturnType<typeof codeOf>>): string | null {
    if (code.holder.kind !== 'participant') return null;
    const id = workId(page.procedure, page.college, code.holder.number);
    const printed = page.reading?.identity?.code;
    const form = printed && findForm(forms, printed.form, printed.version)?.form;
    const room = roomOf(collegeOf(page.college).roster, code.holder.number);
    if (!form || !room) return null;
    const { procedure, centre, college, batch } = page;
    const fresh = {
      ...{ id, procedure, centre, college, batch },
      ...{ room: room.number, participant: code.holder.number },
    };
    // An additional sheet may come before the form that it belongs to; how many pages that has, the answer form says.
    const main = form.purpose === 'answers' ? form : forms.find(({ purpose }) => purpose === 'answers');
    if (!works.has(id)) works.set(id, newWork(fresh, main ?? form));
    return id;
  }

  return {
    /** Puts in a page as it is now: new, read again, or decided upon by `cause`. */
    put(given: ScanPage, by: Cause = BY_A_PAGE): void {
      const cause = by === BY_A_PAGE ? comingOf(given) : by;
      const former = pages.get(given.id);
      lift(given.id);
      const bare: ScanPage = { ...given, status: 'waiting', droppedFor: null, place: null, work: null };
      pages.set(bare.id, bare);
      const { dropped } = given.decisions;
      const code = codeOf(bare);
      if (dropped !== null || code?.holder.kind === 'batch') {
        dropPage({ ...bare, work: former?.work ?? null }, dropped ?? 'cover', cause);
      } else if (!code || !hasPlace(bare, surroundings(bare, null))) {
        reconcilePage(bare, findingsOf(bare, surroundings(bare, null)), cause);
      } else {
        const place = placeOf(bare, code);
        const at = surroundings(bare, place);
        const placed: ScanPage = { ...bare, place, work: workOf(bare, code) };
        pages.set(placed.id, placed);
        if (at.other && at.other.image?.sha256 === placed.image?.sha256) dropPage(placed, 'sameImage', cause);
        else if (at.other && !placed.decisions.replaces && !mayReplace(placed, at.other))
          // Nothing of it counts before somebody has chosen: it is asked for this alone.
          reconcilePage(
            placed,
            findingsOf(placed, at).filter(({ code: is }) => is === 'PAGE_DUPLICATE'),
            cause,
          );
        else {
          if (at.other) dropPage(at.other, 'replaced', cause);
          standing.set(place, placed.id);
          const stands: ScanPage = { ...placed, status: 'standing' };
          pages.set(stands.id, stands);
          reconcilePage(stands, findingsOf(stands, { ...at, other: null }), cause);
        }
      }
      for (const work of new Set([former?.work ?? null, pages.get(given.id)?.work ?? null]))
        if (work !== null) gather(work);
    },

    /** Takes a page out of its place before it is put in anew, so that another may be put there first. */
    lift,

    /** What is wrong with a file as a whole. */
    putFile(file: ScanFile, findings: readonly CollectorFinding[]): void {
      const { procedure, centre, college, batch, id, name } = file;
      const place = {
        ...{ procedure, centre, college, collegeName: collegeOf(college).name, batch, file: id, fileName: name },
        ...{ page: null, n: null, work: null, room: null },
      };
      const wanted = new Map(findings.map((finding, at) => [`${id}.${finding.code}.${at}`, { place, finding }]));
      reconcile(
        wanted,
        (error) => error.file === id && error.page === null,
        () => BY_A_PAGE,
      );
    },

    /** What is wrong with a college as a whole. */
    putCollege(id: string, findings: readonly CollegeFinding[]): void {
      const { procedure, centre, name, id: of } = collegeOf(id);
      const wanted = new Map(
        findings.map(({ key, finding, work, room }) => {
          const place = {
            ...{ procedure, centre, college: id, collegeName: name, batch: null, file: null, fileName: null },
            ...{ page: null, n: null, work, room },
          };
          return [`${of}.${key}`, { place, finding }];
        }),
      );
      const isOf = ({ college, file, page }: ScanError): boolean => college === id && file === null && page === null;
      const touched = [...errors.values()].filter((error) => isOf(error) && isUnsettled(error));
      reconcile(wanted, isOf, (error) => (error ? cameFor(error) : BY_A_PAGE));
      for (const work of new Set([...touched, ...findings].flatMap((one) => one.work ?? []))) gather(work);
    },

    /** An error that follows from no page, or of which only is asked, as it is now: let stand, stood by no more, asked for once more. */
    putError(error: ScanError): void {
      if (!errors.has(error.id)) throw new Error(`the books are without error ${error.id}`);
      errors.set(error.id, error);
      if (error.work !== null) gather(error.work);
    },

    page: (id: string): ScanPage | null => pages.get(id) ?? null,

    /** What is to be saved. `more` is what else happens to the batches in the same deed. */
    close(more: Readonly<Record<string, Partial<BatchFigures>>> = {}): BooksChange {
      voidWhatChanged();
      const changedPages = changed(before.pages, pages);
      const changedErrors = changed(before.errors, errors);
      const changedWorks = changed(before.works, works);
      const tallies = [
        ...weighed(changedPages, (page) => pageTally(page, roomNumber(page))),
        ...weighed(changedErrors, errorTally),
        ...weighed(changedWorks, workTally),
      ];
      const readIn = new Set(changedPages.flatMap(([old, now]) => (old ? [] : [now.batch])));
      return {
        pages: changedPages.map(nextRevision),
        works: changedWorks.map(nextRevision),
        checks: changed(before.checks, checks).map(nextRevision),
        errors: changedErrors.map(nextRevision),
        batches: books.batches.flatMap((batch) => {
          const own = tallies.filter((tally) => tally.batch === batch.id);
          const extra = more[batch.id];
          if (own.length === 0 && !extra) return [];
          const figures = own.reduce((all, { inBatch, sign }) => added(all, inBatch, sign), extra ?? {});
          const open = own.reduce((all, tally) => added(all, tally.open ?? {}, tally.sign), {});
          return [changeBatch(batch, figures, readIn.has(batch.id) ? nowMs : batch.readAtMs, open)];
        }),
        colleges: books.colleges.flatMap((college) => {
          const own = tallies.filter((tally) => tally.college === college.college);
          return own.length === 0 ? [] : [changeCollege(college, collegeChange(own))];
        }),
      };
    },
  };
}

type Weighed = Tally & { sign: 1 | -1 };
type Change<T> = [former: T | null, now: T];

/** What is new or other than it was; what came out the same is not saved again. */
function changed<T extends { id: string }>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): Change<T>[] {
  return [...after.values()].flatMap((now): Change<T>[] => {
    const former = before.get(now.id) ?? null;
    return former === now || (former && JSON.stringify(former) === JSON.stringify(now)) ? [] : [[former, now]];
  });
}

const nextRevision = <T extends { rev: number }>([former, now]: Change<T>): T => ({
  ...now,
  rev: (former?.rev ?? 0) + 1,
});

const weighed = <T>(changes: readonly Change<T>[], tallyOf: (one: T) => Tally): Weighed[] =>
  changes.flatMap(([former, now]): Weighed[] => [
    ...(former === null ? [] : [{ ...tallyOf(former), sign: -1 as const }]),
    { ...tallyOf(now), sign: 1 as const },
  ]);

const one = (isSo: boolean): number => (isSo ? 1 : 0);

function pageTally(page: ScanPage, room: number | null): Tally {
  const { batch, college, status } = page;
  // An additional sheet is expected by nobody: it would fill the place of a missing page.
  const isExpected = page.reading?.identity?.code.holder.kind !== 'spare';
  return {
    ...{ batch, college, room },
    inBatch: {
      ...{ pages: 1, pagesRead: one(status === 'standing'), pagesUnread: one(status === 'waiting') },
      pagesDropped: one(status === 'dropped'),
    },
    figures: { pagesRead: one(status === 'standing' && isExpected) },
    ...{ pagesUploaded: 1, pagesUnread: one(status === 'waiting') },
  };
}

function errorTally(error: ScanError): Tally {
  const { batch, college, room } = error;
  const counts = { errorsOpen: one(isUnsettled(error)), errorsSettled: one(!isUnsettled(error)) };
  const { code } = error.finding;
  return {
    ...{ batch, college, room, inBatch: counts, figures: counts },
    open: error.status === 'open' ? { [code]: 1 } : {},
    awaited: error.status === 'awaitingRescan' ? { [code]: 1 } : {},
  };
}

function workTally(work: Work): Tally {
  const { batch, college, room } = work;
  const worksChecked = one(work.status === 'checked');
  const worksWritten = one(work.freeAnswers.length > 0);
  return {
    ...{ batch, college, room, inBatch: { works: 1, worksWritten, worksChecked } },
    figures: { worksWhole: one(isWhole(work)), worksWritten, worksChecked },
  };
}

function collegeChange(tallies: readonly Weighed[]): CollegeChange {
  const change = {
    pagesUploaded: 0,
    pagesUnread: 0,
    figures: {} as Difference,
    open: {} as Counts<CollectorFindingCode>,
    awaited: {} as Counts<CollectorFindingCode>,
    rooms: {} as Record<string, Difference>,
  };
  for (const { room, figures, sign, open = {}, awaited = {}, pagesUploaded = 0, pagesUnread = 0 } of tallies) {
    change.open = added(change.open, open, sign);
    change.awaited = added(change.awaited, awaited, sign);
    change.pagesUploaded += sign * pagesUploaded;
    change.pagesUnread += sign * pagesUnread;
    change.figures = added(change.figures, figures, sign);
    if (room !== null) change.rooms[String(room)] = added(change.rooms[String(room)] ?? {}, figures, sign);
  }
  return change;
}
