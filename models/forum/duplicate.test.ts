import { describe, expect, it } from 'vitest';
import { HubError } from '../error.ts';
import { link, unlink } from './duplicate.ts';
import { applyForumFact, forumOf } from './forum-state.ts';
import { answer, ask, followUp, hide, type Author, type Question } from './forum.ts';
import { pin, unpin } from './faq.ts';

const school: Author = { id: 's', name: 'Тестова Т. Т.', role: 'institutionCoordinator', unit: 'i1', unitName: 'СОШ' };
const centre: Author = { id: 'c', name: 'Центрова Ц. Ц.', role: 'federalCoordinator', unit: 'rf', unitName: 'РФ' };
const asked = (id: string, atMs = 1_000): Question =>
  ask('p', { id, text: 'Можно ли провести исследование?', author: school }, atMs).question;
const answered = (id: string, atMs = 2_000): Question =>
  answer(asked(id), { id: `${id}a`, text: 'Да.', author: centre }, atMs).question;
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
  return 'none';
};

describe('a question that repeats another', () => {
  it('[S1-42] is closed with a link to it, which counts it, and waits again, since when it did, when that was wrong', () => {
    const { duplicate, original } = link(asked('late'), answered('first'), centre, 5_000);
    expect(duplicate).toMatchObject({ status: 'closed', rev: 2, duplicateOf: { question: 'first', by: centre.name } });
    expect(original).toMatchObject({ status: 'answered', duplicates: 1, rev: 3 });
    const back = unlink(duplicate, original, 6_000);
    expect(back.duplicate).toMatchObject({ status: 'open', waitingSinceMs: 1_000, rev: 3 });
    expect(back.duplicate.duplicateOf).toBeUndefined();
    expect(back.original).toMatchObject({ duplicates: 0, rev: 4 });
  });

  it('is linked to nothing that repeats another, and to nothing that others repeat: neither chains nor circles', () => {
    const { duplicate, original } = link(asked('b'), asked('a'), centre, 5_000);
    expect(codeOf(() => link(asked('c'), duplicate, centre, 6_000))).toBe('duplicate_unfit');
    expect(codeOf(() => link(original, asked('c'), centre, 6_000))).toBe('duplicate_unfit');
    expect(codeOf(() => link(original, duplicate, centre, 6_000))).toBe('duplicate_unfit');
    expect(codeOf(() => link(asked('a'), asked('a'), centre, 6_000))).toBe('duplicate_unfit');
    expect(codeOf(() => link(duplicate, asked('c'), centre, 6_000))).toBe('stale_write');
    const elsewhere = { ...asked('d'), procedure: 'another' };
    expect(codeOf(() => link(asked('c'), elsewhere, centre, 6_000))).toBe('duplicate_unfit');
  });

  it('is open when its author asks on, and is then not closed by taking the link away', () => {
    const { duplicate, original } = link(answered('late'), answered('first'), centre, 5_000);
    const again = followUp(duplicate, { id: 'f', text: 'Нет, у нас иначе', author: school }, 6_000).question;
    expect(again).toMatchObject({ status: 'open', waitingSinceMs: 6_000, duplicateOf: { question: 'first' } });
    expect(unlink(again, original, 7_000).duplicate).toMatchObject({ status: 'open', waitingSinceMs: 6_000 });
  });
});

describe('a frequent question', () => {
  const reason = { by: centre, reason: 'Спрашивают каждый день' };

  it('is pinned once it is answered, with who pinned it and why, and unpinned when it is hidden', () => {
    expect(codeOf(() => pin(asked('q'), reason, 3_000))).toBe('question_unanswered');
    const pinned = pin(answered('q'), reason, 3_000);
    expect(pinned.pinned).toEqual({ by: centre.name, reason: reason.reason, atMs: 3_000 });
    expect(codeOf(() => pin(pinned, reason, 4_000))).toBe('stale_write');
    expect(unpin(pinned, 4_000).pinned).toBeUndefined();
    expect(codeOf(() => unpin(answered('q'), 4_000))).toBe('stale_write');
    const first = ask('p', { id: 'q', text: 'Можно ли провести исследование?', author: school }, 1_000).message;
    const hidden = hide(pinned, first, { by: centre, reason: 'Личные данные' }, 5_000).question;
    expect(hidden.pinned).toBeUndefined();
    expect(codeOf(() => pin(hidden, reason, 6_000))).toBe('stale_write');
  });

  it('stands on top also when the list has no room for it, in the order of pinning, and leaves when it is unpinned', () => {
    const fact = (question: Question) =>
      ({ type: 'questionChanged', entity: question.id, rev: question.rev, body: { question, message: null } }) as const;
    const [one, two] = [pin(answered('z'), reason, 3_000), pin(answered('a'), reason, 4_000)];
    const state = [one, two].reduce((before, question) => applyForumFact(before, fact(question)), forumOf('p', [], []));
    expect(state.pinned.map(({ id }) => id)).toEqual(['z', 'a']);
    expect(applyForumFact(state, fact(one))).toBe(state);
    expect(applyForumFact(state, fact(unpin(one, 5_000))).pinned.map(({ id }) => id)).toEqual(['a']);
  });
});
