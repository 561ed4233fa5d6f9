import { describe, expect, it } from 'vitest';
import { OUTBOX_MAX, OutboxBox, settled, type OutboxEntry } from './outbox.ts';
import { storage } from '#lib/draft/storage.testing.ts';

const place = { person: 'orlova', procedure: 'p' };
const entry = (command: string, atMs = 0): OutboxEntry => ({
  ...{ command, atMs, refusal: null, post: { kind: 'question', text: 'Нужно ли сканировать?', about: null } },
});

describe('the outbox', () => {
  it('keeps messages over a reload, in the order in which they were written', () => {
    const browser = storage();
    const box = new OutboxBox(browser, place);
    expect([box.put(entry('b', 2)), box.put(entry('a', 1)), box.put(entry('c', 2))]).toEqual([true, true, true]);
    expect(new OutboxBox(browser, place).read().map(({ command }) => command)).toEqual(['a', 'b', 'c']);
    box.remove('b');
    expect(box.read().map(({ command }) => command)).toEqual(['a', 'c']);
  });

  it('is never another person’s, or another procedure’s', () => {
    const browser = storage();
    new OutboxBox(browser, place).put(entry('a'));
    for (const other of [
      { ...place, person: 'belova' },
      { ...place, procedure: 'q' },
    ])
      expect(new OutboxBox(browser, other).read()).toEqual([]);
  });

  it('takes so many and refuses the next one, which stays where it was typed; what is there already can change', () => {
    const box = new OutboxBox(storage(), place);
    for (let index = 0; index < OUTBOX_MAX; index += 1) expect(box.put(entry(`c${index}`, index))).toBe(true);
    expect(box.put(entry('more'))).toBe(false);
    expect(box.put({ ...entry('c0'), refusal: { code: 'claim_lost', params: {} } })).toBe(true);
    expect(new OutboxBox(storage(10), place).put(entry('a'))).toBe(false);
  });

  it('passes over what nobody can read', () => {
    const browser = storage();
    browser.setItem('svod-outbox ["orlova","p"] broken', '{');
    browser.setItem('svod-outbox ["orlova","p"] other', '{"command":"x"}');
    expect(new OutboxBox(browser, place).read()).toEqual([]);
  });

  it('forgets what has arrived, keeps what waits for the line, and gives back what was refused', () => {
    const sent = entry('a');
    const refused = { code: 'question_closed', params: {} } as const;
    expect(settled(sent, { ok: true })).toBeNull();
    expect(settled(sent, null)).toEqual(sent);
    for (const code of ['line_lost', 'busy', 'rate_limited', 'not_signed_in'] as const)
      expect(settled(sent, { ok: false, refusal: { code, params: {} } })).toEqual(sent);
    expect(settled(sent, { ok: false, refusal: refused })).toEqual({ ...sent, refusal: refused });
  });
});
