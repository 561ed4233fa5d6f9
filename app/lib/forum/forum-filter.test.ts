import { describe, expect, it } from 'vitest';
import { answer, ask, type Author } from '#models/forum/forum.ts';
import { isShown, SHOWN, shownOf } from './forum-filter.ts';

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
});
