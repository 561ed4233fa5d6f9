import { describe, expect, it } from 'vitest';
import { answer, ask, type Author } from '#models/forum/forum.ts';
import {
  isNarrowed,
  isShown,
  isWithin,
  narrowedFilters,
  narrowedOf,
  SHOWN,
  shownOf,
  SINCE_MS,
} from './forum-filter.ts';

const author: Author = { id: 's', name: 'Т', role: 'institutionCoordinator', unit: 'i', unitName: 'СОШ' };
const open = ask('p', { id: 'q', text: 'Нужно ли сканировать?', author }, 1).question;
const done = answer(open, { id: 'a', text: 'Нет', author: { ...author, id: 'c' } }, 2).question;

describe('the filter of the list', () => {
  it('shows each question where it belongs', () => {
    const shown = (question: typeof open, unread: number, id: string) =>
      SHOWN.filter((one) => isShown(question, one, { id, unread }));
    expect(shown(open, 0, 's')).toEqual(['all', 'waiting', 'mine']);
    expect(shown(done, 1, 'other')).toEqual(['all', 'unread', 'answered']);
  });

  it('takes an unknown word of the address for everything', () => {
    expect([shownOf('waiting'), shownOf('nothing'), shownOf(null)]).toEqual(['waiting', 'all', 'all']);
  });

  it('narrows to a part of the territory, a step and a time, and asks the same of a search', () => {
    const about = { stage: 'send', code: 'busy' } as const;
    const asked = ask('p', { id: 'n', text: 'Файл не принят', author: { ...author, path: '/48/m1/i/' }, about }, 1_000);
    const within = (given: Parameters<typeof narrowedOf>[0], nowMs = 2_000, path = '/48/m1/') =>
      isWithin(asked.question, narrowedOf(given), { path, nowMs });
    expect(within({ part: 'm1', at: 'send', since: 'day' })).toBe(true);
    expect(within({ part: 'm2' }, 2_000, '/48/m2/')).toBe(false);
    expect(isWithin(asked.question, narrowedOf({ part: 'gone' }), { path: undefined, nowMs: 2_000 })).toBe(false);
    expect(within({ at: 'access' })).toBe(false);
    expect(within({ since: 'day' }, 1_000 + SINCE_MS.day)).toBe(true);
    expect(within({ since: 'day' }, 1_001 + SINCE_MS.day)).toBe(false);
    // Asked before its territory was kept.
    expect(isWithin(open, narrowedOf({ part: 'm1' }), { path: '/48/m1/', nowMs: 2 })).toBe(false);
    expect(isNarrowed(narrowedOf({ part: '', at: 'nothing', since: 'ever' }))).toBe(false);
    expect(narrowedFilters(narrowedOf({ part: 'm1', at: 'send', since: 'day' }), SINCE_MS.day)).toEqual({
      ...{ territory: 'm1', stage: 'send', since: '0' },
    });
  });
});
