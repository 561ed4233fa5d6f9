import { describe, expect, it } from 'vitest';
import { DRAFT_CHARS_MAX, DRAFT_KEPT_MS, DraftBox, DRAFTS_MAX, isKept, tidyDrafts } from './draft-box.ts';
import { storage } from './storage.testing.ts';

const place = { person: 'orlova', form: '/settings institutions' };
const texts = (box: DraftBox, nowMs = 0) =>
  Object.fromEntries([...box.read(nowMs)].map(([field, { text }]) => [field, text]));

describe('drafts', () => {
  it('come back as they were typed, field by field, until the deed is done', () => {
    const browser = storage();
    const box = new DraftBox(browser, place);
    box.keep('lines', 'Округ № 1;i48-1;МБОУ «СОШ № 1»\n', 5);
    box.keep('title', 'x', 6);
    expect(texts(new DraftBox(browser, place))).toEqual({ lines: 'Округ № 1;i48-1;МБОУ «СОШ № 1»\n', title: 'x' });
    box.clear();
    expect(browser.kept.size).toBe(0);
  });

  it('are never another person’s, a visitor’s, or another form’s', () => {
    const browser = storage();
    new DraftBox(browser, place).keep('lines', 'mine', 0);
    for (const other of [
      { ...place, person: 'belova' },
      { ...place, person: null },
      { ...place, form: '/settings' },
    ])
      expect(texts(new DraftBox(browser, other))).toEqual({});
  });

  it('end when the field is emptied, when they are too long, and when the browser has no room', () => {
    const browser = storage(DRAFT_CHARS_MAX + 100);
    const box = new DraftBox(browser, place);
    box.keep('lines', 'text', 0);
    box.keep('lines', '', 0);
    expect(texts(box)).toEqual({});
    box.keep('lines', 'x'.repeat(DRAFT_CHARS_MAX), 0);
    expect(texts(box)['lines']).toHaveLength(DRAFT_CHARS_MAX);
    box.keep('lines', 'x'.repeat(DRAFT_CHARS_MAX + 1), 0);
    expect(texts(box)).toEqual({});
    const full = new DraftBox(storage(10), place);
    full.keep('lines', 'a text that does not fit', 0);
    expect(texts(full)).toEqual({});
  });

  it('are forgotten in time, at a limit, and when nobody can read them', () => {
    const browser = storage();
    const box = new DraftBox(browser, place);
    box.keep('old', 'x', 0);
    expect(texts(box, DRAFT_KEPT_MS)).toEqual({ old: 'x' });
    expect(texts(box, DRAFT_KEPT_MS + 1)).toEqual({});
    for (let index = 0; index < DRAFTS_MAX; index += 1) box.keep(`field${index}`, 'x', index + 1);
    browser.setItem('svod-draft broken', '{');
    browser.setItem('theme', 'dark');
    tidyDrafts(browser, 10);
    expect(browser.kept.size).toBe(DRAFTS_MAX + 1);
    expect(texts(box, 10)['old']).toBeUndefined();
  });
});

describe('what may be kept', () => {
  const field = { name: 'reason', type: 'text', autocomplete: '', isSecret: false };

  it('is text that somebody typed', () => {
    for (const type of ['text', 'textarea', 'email', 'tel', 'date', 'number', 'select-one'])
      expect(isKept({ ...field, type })).toBe(true);
  });

  it('is never a password, also while it is shown, nor a code, a file or a hidden field', () => {
    expect(isKept({ ...field, type: 'password' })).toBe(false);
    expect(isKept({ ...field, isSecret: true })).toBe(false);
    for (const autocomplete of ['new-password', 'current-password', 'one-time-code'])
      expect(isKept({ ...field, autocomplete })).toBe(false);
    for (const type of ['file', 'hidden', 'checkbox', 'submit']) expect(isKept({ ...field, type })).toBe(false);
    expect(isKept({ ...field, name: '' })).toBe(false);
  });
});
