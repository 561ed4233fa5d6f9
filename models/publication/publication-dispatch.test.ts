import { describe, expect, it } from 'vitest';
import {
  applyBoxFact,
  applyOutboxFact,
  applyReceiptsFact,
  boxItem,
  boxState,
  confirm,
  countRows,
  countWaiting,
  deliver,
  dispatchAfter,
  emptyBox,
  emptyOutbox,
  extendDispatch,
  marksAdded,
  nextToTell,
  noReceipts,
  open,
  partTold,
  receiptRow,
  receiptState,
  remind,
  REMIND_EVERY_MS,
  sentItem,
  sentOn,
  SHOWN_MAX,
  startDispatch,
  TOLD_AT_ONCE_MAX,
  type Dispatch,
  type Receipt,
} from './publication-dispatch.ts';
import type { Publication } from './publication.ts';

const NOW_MS = 1_000_000;
const READER = { id: 'p1', name: 'Читатель' };
const publication = (more: Partial<Publication> = {}): Publication =>
  ({
    ...{ id: 'pub', rev: 1, unit: '48', procedure: null, asksConfirmation: true, edition: 1 },
    ...{ kind: 'letter', title: 'Письмо', text: 'x', stage: '', files: [], byName: 'Тестов' },
    ...{ createdAtMs: NOW_MS, editedAtMs: NOW_MS, status: 'released', releasedAtMs: NOW_MS },
    ...more,
  }) as Publication;
const fresh = (): Receipt => {
  const receipt = deliver(null, publication(), { unit: 'i1', from: '48' }, NOW_MS);
  if (!receipt) throw new Error('not delivered');
  return receipt;
};
const list = (to: string[], of = publication()): Dispatch =>
  startDispatch({ publication: of, unit: '48', byName: 'Тестов' }, { to, cover: '' }, NOW_MS);
const row = (receipt: Receipt) => receiptRow(receipt, { name: 'Школа', kind: 'institution', parentName: 'Округ' });

describe('a receipt', () => {
  it('[S4-08] has the first opening and keeps it; confirming is reading too', () => {
    const opened = open(fresh(), READER, NOW_MS + 1);
    expect(opened).toMatchObject({ rev: 2, opened: { atMs: NOW_MS + 1, byName: 'Читатель', edition: 1 } });
    expect(opened && open(opened, { id: 'p2', name: 'Другой' }, NOW_MS + 2)).toBeNull();
    const confirmed = confirm(fresh(), READER, NOW_MS + 3);
    expect(confirmed).toMatchObject({ rev: 2, opened: { atMs: NOW_MS + 3 }, confirmed: { atMs: NOW_MS + 3 } });
    expect(confirmed && confirm(confirmed, READER, NOW_MS + 4)).toBeNull();
  });

  it('of a new edition is unread, and its marks are taken from the figures', () => {
    const read = confirm(fresh(), READER, NOW_MS);
    const told = read && deliver(read, publication({ rev: 2, edition: 2 }), { unit: 'i1', from: '48' }, NOW_MS);
    if (!read || !told) throw new Error('not told');
    expect(receiptState(row(told))).toBe('delivered');
    expect(marksAdded(null, fresh())).toEqual({ got: 1, read: 0, confirmed: 0 });
    expect(marksAdded(fresh(), read)).toEqual({ got: 0, read: 1, confirmed: 1 });
    expect(marksAdded(read, told)).toEqual({ got: 0, read: -1, confirmed: -1 });
    expect(open(told, READER, NOW_MS + 9)?.opened).toMatchObject({ edition: 2, atMs: NOW_MS + 9 });
  });

  it('is made once: who knows the publication as it is hears nothing, whoever sends it', () => {
    expect(deliver(fresh(), publication(), { unit: 'i1', from: '48-m1' }, NOW_MS)).toBeNull();
    const told = deliver(fresh(), publication({ rev: 2 }), { unit: 'i1', from: '48-m1' }, NOW_MS);
    expect(told).toMatchObject({ from: '48', known: 2, rev: 2 });
    expect(sentOn(fresh(), NOW_MS)?.sentOnAtMs).toBe(NOW_MS);
    expect(sentOn({ ...fresh(), sentOnAtMs: 1 }, NOW_MS)).toBeNull();
  });
});

describe('a list', () => {
  it(`is told ${TOLD_AT_ONCE_MAX} at a time, each once`, () => {
    const to = Array.from({ length: 2 * TOLD_AT_ONCE_MAX + 1 }, (_, n) => `u${n}`);
    const told: string[] = [];
    let at = list(to);
    while (at.status === 'telling') {
      told.push(...nextToTell(at));
      at = partTold(at);
    }
    expect(told).toEqual(to);
    expect(at).toMatchObject({ status: 'told', told: to.length, rev: 4 });
  });

  it('[S4-08] grows at its end, and only the new ones are told', () => {
    const told = partTold(list(['a', 'b']));
    expect(extendDispatch(told, { to: ['b', 'a'], cover: '', byName: 'x' })).toBeNull();
    const grown = extendDispatch(told, { to: ['a', 'c'], cover: 'слово', byName: 'x' });
    expect(grown).toMatchObject({ to: ['a', 'b', 'c'], status: 'telling', cover: 'слово' });
    expect(grown && nextToTell(grown)).toEqual(['c']);
  });

  it('[G-06] of a planned publication tells nobody; withdrawn before its moment it never will', () => {
    const planned = list(['a'], publication({ status: 'planned', releaseAtMs: NOW_MS + 1 }));
    expect(planned.status).toBe('planned');
    expect(dispatchAfter(planned, publication({ rev: 2 })).status).toBe('telling');
    const withdrawn = { status: 'withdrawn', releasedAtMs: null } as Partial<Publication>;
    expect(dispatchAfter(planned, publication({ rev: 2, ...withdrawn })).status).toBe('told');
    expect(dispatchAfter(partTold(list(['a'])), publication({ rev: 2, edition: 2 }))).toMatchObject({
      ...{ status: 'telling', told: 0 },
    });
  });

  it('is reminded of once a day, to the millisecond', () => {
    const reminded = remind(list(['a']), NOW_MS);
    expect(() => remind(reminded, NOW_MS + REMIND_EVERY_MS - 1)).toThrow(
      expect.objectContaining({ code: 'reminded_lately', params: { untilMs: NOW_MS + REMIND_EVERY_MS } }) as Error,
    );
    expect(remind(reminded, NOW_MS + REMIND_EVERY_MS).remindedAtMs).toBe(NOW_MS + REMIND_EVERY_MS);
  });
});

describe('what is shown', () => {
  const item = (receipt: Receipt, of = publication()) => boxItem(receipt, of, { issuerName: 'Край', fromName: 'Край' });
  const delivered = (receipt: Receipt, of?: Publication) =>
    ({ type: 'publicationDelivered', body: { item: item(receipt, of) } }) as const;

  it('of what a unit got: the newer revision wins, the latest stands first, and no more than there is room for', () => {
    const opened = open(fresh(), READER, NOW_MS + 1);
    if (!opened) throw new Error('not opened');
    const box = [delivered(opened), delivered(fresh())].reduce(applyBoxFact, emptyBox('i1'));
    expect(box.items.map(boxState)).toEqual(['toConfirm']);
    expect(countWaiting(box)).toBe(1);
    expect(boxState(item(fresh()))).toBe('unread');
    expect(boxState(item(opened, publication({ asksConfirmation: false })))).toBe('read');
    expect(boxState(item(opened, publication({ status: 'withdrawn' })))).toBe('withdrawn');
    const full = Array.from({ length: SHOWN_MAX + 1 }, (_, n) =>
      delivered({ ...fresh(), deliveredAtMs: NOW_MS + n }, publication({ id: `pub-${n}` })),
    ).reduce(applyBoxFact, emptyBox('i1'));
    expect(full.items).toHaveLength(SHOWN_MAX);
    expect(full.items[0]?.publication).toBe(`pub-${SHOWN_MAX}`);
  });

  it('of what a unit sent: the list by its revision, the figures by where they were counted', () => {
    const changed = (dispatch: Dispatch) =>
      ({ type: 'dispatchChanged', body: { item: sentItem(dispatch, publication()) } }) as const;
    const counted = (seq: number, read: number) =>
      ({ type: 'marksCounted', body: { marks: { publication: 'pub', seq, got: 2, read, confirmed: 0 } } }) as const;
    const outbox = [changed(partTold(list(['a', 'b']))), counted(5, 2), changed(list(['a'])), counted(4, 1)].reduce(
      applyOutboxFact,
      emptyOutbox('48'),
    );
    expect(outbox.items).toMatchObject([{ rev: 2, all: 2 }]);
    expect(outbox.marks['pub']).toMatchObject({ read: 2 });
  });

  it('of marks: rows by unit, each the newest; figures are those of the rows', () => {
    const changed = (receipt: Receipt) => ({ type: 'receiptChanged', body: { row: row(receipt) } }) as const;
    const other = { ...fresh(), unit: 'a0' };
    const opened = open(fresh(), READER, NOW_MS);
    if (!opened) throw new Error('not opened');
    const part = [changed(opened), changed(other), changed(fresh())].reduce(
      applyReceiptsFact,
      applyReceiptsFact(noReceipts('pub', '48'), { type: 'listChanged', body: { rev: 1, all: 2, remindedAtMs: null } }),
    );
    expect(part.rows.map(({ unit }) => unit)).toEqual(['a0', 'i1']);
    expect(countRows(part.rows)).toEqual({ got: 2, read: 1, confirmed: 0 });
    expect(part.all).toBe(2);
  });
});
