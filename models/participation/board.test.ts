import { describe, expect, it } from 'vitest';
import { applyRowChanged, BOARD_COLUMNS, cellState, countRows, percent, type BoardPart } from './board.ts';
import { boardRow, NO_PROGRESS, type BoardRow, type Progress } from './participation.ts';

const row = (institution: string, change: Partial<BoardRow> = {}, progress: Partial<Progress> = {}): BoardRow => ({
  ...boardRow({ id: institution, name: institution, order: 1 }, null),
  ...change,
  progress: { ...NO_PROGRESS, ...progress },
});
const part = (...rows: BoardRow[]): BoardPart => ({ municipality: 'm', name: 'Округ', order: 1, listRev: 1, rows });

describe('the board of the attendance monitoring', () => {
  it('has the columns of domain 4.5', () => {
    expect(BOARD_COLUMNS).toEqual(['registered', 'template', 'sent', 'attested', 'processed', 'report']);
  });

  it('takes the newer revision of a row and ignores an older one', () => {
    const before = part(row('a', { rev: 3 }), row('b', { rev: 1 }));
    expect(applyRowChanged(before, { row: row('a', { rev: 2 }) })).toBe(before);
    expect(applyRowChanged(before, { row: row('a', { rev: 4, registeredAtMs: 9 }) }).rows).toEqual([
      row('a', { rev: 4, registeredAtMs: 9 }),
      row('b', { rev: 1 }),
    ]);
    expect(applyRowChanged(before, { row: row('c', { rev: 1 }) }).rows).toHaveLength(3);
  });

  it('shows a registration that waits for the centre as waiting for you', () => {
    const waiting = row('a', { registeredAtMs: 5, access: 'awaited' });
    expect(cellState(waiting, 'registered', false)).toEqual({ state: 'waitsForYou', atMs: 5 });
    expect(cellState(row('a', { registeredAtMs: 5, access: 'activated' }), 'registered', false).state).toBe('done');
  });

  it('[S2-16] shows a file without the tick as waiting, and never as processed', () => {
    const sent = row('a', {}, { phase: 'uploaded', sentAtMs: 7 });
    expect(cellState(sent, 'attested', false)).toEqual({ state: 'waitsForOther', atMs: 7 });
    expect(cellState(sent, 'processed', false)).toEqual({ state: 'notBegun' });
    expect(cellState(sent, 'report', false)).toEqual({ state: 'notBegun' });
  });

  it('[S2-19] shows a failed file as a problem with the number of its errors', () => {
    const failed = row('a', {}, { phase: 'failed', attestedAtMs: 7, processedAtMs: 8, errors: 12 });
    expect(cellState(failed, 'processed', false)).toEqual({ state: 'problem', atMs: 8, errors: 12 });
  });

  it('[S2-21] shows what is missing after the deadline as overdue', () => {
    for (const column of BOARD_COLUMNS) expect(cellState(row('a'), column, true)).toEqual({ state: 'overdue' });
  });

  it('counts against all institutions in the list, registered or not', () => {
    const rows = [
      row('a'),
      row('b', { registeredAtMs: 1, access: 'awaited' }),
      row(
        'c',
        { registeredAtMs: 1, access: 'activated' },
        { phase: 'failed', sentAtMs: 2, attestedAtMs: 2, processedAtMs: 3, errors: 1 },
      ),
      row(
        'd',
        { registeredAtMs: 1, access: 'activated' },
        { phase: 'processed', templateAtMs: 1, sentAtMs: 2, attestedAtMs: 2, processedAtMs: 3, reportAtMs: 3 },
      ),
    ];
    expect(countRows(rows, false)).toEqual({
      all: 4,
      registered: 3,
      awaitingAccess: 1,
      template: 1,
      sent: 2,
      attested: 2,
      processed: 1,
      report: 1,
      problems: 1,
      overdue: 0,
    });
    expect(countRows(rows, true).overdue).toBe(3);
  });

  it('rounds shares to whole percents, a half upwards', () => {
    expect([percent(271, 340), percent(69, 340), percent(1, 8), percent(0, 0)]).toEqual([80, 20, 13, 0]);
  });
});
