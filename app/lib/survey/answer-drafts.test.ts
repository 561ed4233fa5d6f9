import { describe, expect, it } from 'vitest';
import { DraftBox } from '#lib/draft/draft-box.ts';
import { storage } from '#lib/draft/storage.testing.ts';
import { dropDraft, isSameTyped, keepDraft, readDrafts, type AnswerDraft } from './answer-drafts.ts';

const place = { person: 'svetlova', form: '/cabinet/i48-1/monitorings/survey answers' };

describe('drafts of answers', () => {
  it('[S4-04] come back as they were typed, of every kind, an emptied one too', () => {
    const browser = storage();
    const box = new DraftBox(browser, place);
    const drafts: Record<string, AnswerDraft> = {
      often: { typed: { part: '1', whole: '' }, rev: 0 },
      scheduleBy: { typed: ['head'], rev: 2 },
      hindrance: { typed: '', rev: 1 },
    };
    for (const [question, draft] of Object.entries(drafts)) keepDraft(box, question, draft, 5);
    expect(readDrafts(new DraftBox(browser, place), 6)).toEqual({ drafts, atMs: 5 });
    dropDraft(box, 'often');
    expect(Object.keys(readDrafts(box, 6).drafts)).toEqual(['scheduleBy', 'hindrance']);
  });

  it('[S4-04] that nobody can read are none', () => {
    const box = new DraftBox(storage(), place);
    for (const [question, text] of Object.entries({ a: '{', b: 'null', c: '{"typed":5,"rev":0}', d: '{"typed":"x"}' }))
      box.keep(question, text, 5);
    expect(readDrafts(box, 6)).toEqual({ drafts: {}, atMs: null });
  });

  it('[S4-04] nothing typed and an empty field are the same', () => {
    expect(isSameTyped(undefined, '')).toBe(true);
    expect(isSameTyped({ part: '1', whole: '2' }, { part: '1', whole: '2' })).toBe(true);
    expect(isSameTyped(['a'], ['b'])).toBe(false);
  });
});
