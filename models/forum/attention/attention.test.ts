import { describe, expect, it } from 'vitest';
import { applyReaderFact, emptyReader } from '../forum-state.ts';
import { answer, ask, followUp, type Author, type Question } from '../forum.ts';
import {
  afterQuiet,
  attentionSchema,
  concernOf,
  FOLLOWED_MAX,
  isFollowing,
  isNewsFor,
  isQuiet,
  localMinute,
  nextDigestMs,
  NO_CHOICE,
  withFollowed,
} from './attention.ts';
import { isMeant, MENTIONS_MAX, mentionsIn, type Mention } from './mention.ts';

const MOSCOW = 'Europe/Moscow';
const at = (moment: string, zone: string): number =>
  Temporal.PlainDateTime.from(moment).toZonedDateTime(zone).epochMilliseconds;
const school: Author = {
  ...{
    id: 's',
    name: 'Тестова Т. Т.',
    role: 'institutionCoordinator',
    unit: 'i1',
    unitName: 'СОШ',
    path: '/48/m1/i1/',
  },
};
const centre: Author = { ...school, id: 'c', role: 'regionalCoordinator', unit: '48', path: '/48/' };
const asked = (mentions?: Mention[]): Question =>
  ask('p', { id: 'q', text: 'Нужно ли сканировать бланки?', author: school, ...(mentions && { mentions }) }, 1)
    .question;
const answered = (): Question => answer(asked(), { id: 'a', text: 'Нет', author: centre }, 2).question;
const holds = [{ role: 'institutionCoordinator', unit: 'i2', path: '/48/m2/i2/' }] as const;
const other = { id: 'o', holds };

describe('what concerns a reader', () => {
  it('[S1-42] is his own question by itself, what he follows, his territories and all, while it is unread', () => {
    const question = answered();
    expect(concernOf(question, { id: 's', holds: [] }, NO_CHOICE, 1)).toBe('mine');
    expect(concernOf(question, { id: 's', holds: [] }, NO_CHOICE, 2)).toBeNull();
    expect(concernOf(question, { id: 's', holds: [] }, { ...NO_CHOICE, left: ['q'] }, 1)).toBeNull();
    expect(concernOf(question, other, NO_CHOICE, 0)).toBeNull();
    expect(concernOf(question, other, { ...NO_CHOICE, followed: ['q'] }, 0)).toBe('followed');
    expect(concernOf(question, other, { ...NO_CHOICE, parts: [{ unit: 'm1', path: '/48/m1/' }] }, 0)).toBe('part');
    expect(concernOf(question, other, { ...NO_CHOICE, parts: [{ unit: 'm2', path: '/48/m2/' }] }, 0)).toBeNull();
    expect(concernOf(question, other, { ...NO_CHOICE, isAll: true }, 0)).toBe('all');
  });

  it('[S1-42] is news to whoever it concerns by what was just written, and to nobody by what he wrote himself', () => {
    const byRole: Mention = { kind: 'role', role: 'institutionCoordinator' };
    const mentioned = followUp(asked([byRole]), { id: 'f', text: 'И ещё', author: school }, 3).question;
    expect(isNewsFor({ question: mentioned, from: 1, authors: ['s', 's'] }, other, NO_CHOICE)).toBe(true);
    expect(isNewsFor({ question: mentioned, from: 2, authors: ['s'] }, other, NO_CHOICE)).toBe(false);
    const own = { id: 's', holds: [] };
    expect(isNewsFor({ question: answered(), from: 2, authors: ['c'] }, own, NO_CHOICE)).toBe(true);
    expect(isNewsFor({ question: asked(), from: 1, authors: ['s'] }, own, NO_CHOICE)).toBe(false);
    expect(isNewsFor({ question: answered(), from: 1, authors: ['s', 'c'] }, own, NO_CHOICE)).toBe(true);
  });

  it('is a message that mentions his role or territory, until it is read, also of a question that he has left', () => {
    const byRole: Mention = { kind: 'role', role: 'institutionCoordinator' };
    const byUnit: Mention = { kind: 'unit', unit: 'm2', name: 'Округ № 2', path: '/48/m2/' };
    const elsewhere: Mention = { ...byUnit, unit: 'm1', path: '/48/m1/' };
    expect(concernOf(asked([byRole]), other, { ...NO_CHOICE, left: ['q'] }, 0)).toBe('mention');
    expect(concernOf(asked([byUnit]), other, NO_CHOICE, 0)).toBe('mention');
    expect(concernOf(asked([elsewhere]), other, NO_CHOICE, 0)).toBeNull();
    const later = followUp(asked([byUnit]), { id: 'f', text: 'И ещё', author: school }, 3).question;
    expect(concernOf(later, other, NO_CHOICE, 1)).toBeNull();
    const again = followUp(later, { id: 'g', text: 'Кто знает?', author: school, mentions: [byRole] }, 4).question;
    expect(concernOf(again, other, NO_CHOICE, 1)).toBe('mention');
    expect(isMeant(byRole, [{ ...holds[0], procedure: 'another' }], 'p')).toBe(false);
  });

  it('is followed and left again, the oldest going when there are too many', () => {
    const followed = withFollowed(NO_CHOICE, 'q', true);
    expect(isFollowing(asked(), 'o', followed)).toBe(true);
    const left = withFollowed(followed, 'q', false);
    expect([left.followed, left.left]).toEqual([[], ['q']]);
    expect(isFollowing(asked(), 's', left)).toBe(false);
    const many = Array.from({ length: FOLLOWED_MAX + 1 }, (_, n) => `q${n}`);
    const last = many.reduce((attention, id) => withFollowed(attention, id, true), NO_CHOICE);
    expect([last.followed.length, last.followed[0]]).toEqual([FOLLOWED_MAX, 'q1']);
  });

  it('comes to all of his pages once, whatever order the facts are heard in', () => {
    const chosen = { type: 'attentionChanged', entity: 'attention', rev: 2 } as const;
    const attention = { ...NO_CHOICE, version: 2, isAll: true };
    const state = applyReaderFact(emptyReader(), { ...chosen, body: { attention } });
    expect(state.attention.isAll).toBe(true);
    expect(applyReaderFact(state, { ...chosen, rev: 1, body: { attention: NO_CHOICE } })).toBe(state);
  });
});

describe('a mention in a text', () => {
  it('is found by its whole name, the longer of two that begin alike, and by no more than are allowed', () => {
    const choices = [1, 11].map((n) => ({ label: `Округ № ${n}`, mention: { kind: 'unit', unit: `m${n}` } as const }));
    expect(mentionsIn('@Округ № 11, у вас так же?', choices)).toEqual([{ kind: 'unit', unit: 'm11' }]);
    expect(mentionsIn('@Округ № 11 и @Округ № 1', choices)).toHaveLength(2);
    expect(mentionsIn('Округ № 1', choices)).toEqual([]);
    const many = Array.from({ length: MENTIONS_MAX + 5 }, (_, n) => ({
      ...{ label: `У${n}.`, mention: { kind: 'unit', unit: `u${n}` } as const },
    }));
    expect(mentionsIn(many.map(({ label }) => `@${label}`).join(' '), many)).toHaveLength(MENTIONS_MAX);
  });
});

describe('quiet hours', () => {
  const night = { fromMin: 22 * 60, toMin: 8 * 60 };

  it('begin with their first minute and end before their last, also over midnight', () => {
    for (const [moment, isSilent] of [
      ['2013-11-20T21:59:59', false],
      ['2013-11-20T22:00:00', true],
      ['2013-11-21T00:00:00', true],
      ['2013-11-21T07:59:59', true],
      ['2013-11-21T08:00:00', false],
    ] as const)
      expect([moment, isQuiet(night, MOSCOW, at(moment, MOSCOW))]).toEqual([moment, isSilent]);
    const noon = { fromMin: 12 * 60, toMin: 13 * 60 };
    expect(isQuiet(noon, MOSCOW, at('2013-11-20T12:59:59', MOSCOW))).toBe(true);
    expect(isQuiet(noon, MOSCOW, at('2013-11-20T13:00:00', MOSCOW))).toBe(false);
    expect(isQuiet({ fromMin: 60, toMin: 60 }, MOSCOW, at('2013-11-20T01:00:00', MOSCOW))).toBe(false);
  });

  it('let what waited go at their end: of this day, or of the next', () => {
    const end = at('2013-11-21T08:00', MOSCOW);
    expect(afterQuiet(night, MOSCOW, at('2013-11-20T22:00', MOSCOW))).toBe(end);
    expect(afterQuiet(night, MOSCOW, at('2013-11-21T07:59:59', MOSCOW))).toBe(end);
    expect(afterQuiet(night, MOSCOW, end)).toBe(end);
    expect(afterQuiet(null, MOSCOW, end - 1)).toBe(end - 1);
  });

  it('are those of the wall clock when the clocks are put forward and back', () => {
    const berlin = 'Europe/Berlin';
    // 31.03.2013: 02:00 becomes 03:00, and half past two does not exist.
    const gap = { fromMin: 22 * 60, toMin: 2 * 60 + 30 };
    const before = at('2013-03-31T01:30', berlin);
    expect(afterQuiet(gap, berlin, before)).toBe(at('2013-03-31T03:30', berlin));
    // 27.10.2013: 03:00 becomes 02:00, the hour comes twice.
    const twice = { fromMin: 22 * 60, toMin: 8 * 60 };
    const evening = at('2013-10-26T22:00', berlin);
    expect(afterQuiet(twice, berlin, evening) - evening).toBe(11 * 60 * 60_000);
    expect(localMinute(Date.UTC(2013, 9, 27, 0, 30), berlin)).toBe(2 * 60 + 30);
    expect(localMinute(Date.UTC(2013, 9, 27, 1, 30), berlin)).toBe(2 * 60 + 30);
  });
});

describe('the letter of what is unread', () => {
  it('is due at the next hour or at nine in the reader’s zone, after his quiet hours, or never', () => {
    const vladivostok = 'Asia/Vladivostok';
    const when = (digest: 'none' | 'hourly' | 'daily', moment: string, quiet: typeof NO_CHOICE.quiet = null) =>
      nextDigestMs({ digest, quiet, zone: vladivostok }, at(moment, vladivostok));
    expect(when('none', '2013-11-20T10:00')).toBeNull();
    expect(when('hourly', '2013-11-20T10:00')).toBe(at('2013-11-20T11:00', vladivostok));
    expect(when('hourly', '2013-11-20T10:59:59')).toBe(at('2013-11-20T11:00', vladivostok));
    expect(when('daily', '2013-11-20T08:59:59')).toBe(at('2013-11-20T09:00', vladivostok));
    expect(when('daily', '2013-11-20T09:00')).toBe(at('2013-11-21T09:00', vladivostok));
    const morning = { fromMin: 22 * 60, toMin: 10 * 60 };
    expect(when('daily', '2013-11-20T12:00', morning)).toBe(at('2013-11-21T10:00', vladivostok));
    expect(when('hourly', '2013-11-20T21:30', morning)).toBe(at('2013-11-21T10:00', vladivostok));
  });

  it('is chosen with a zone that there is, and hours of a day', () => {
    const given = {
      isAll: false,
      parts: [],
      digest: 'daily',
      quiet: null,
      zone: MOSCOW,
      language: 'ru',
      notifies: true,
      pushes: true,
    };
    expect(attentionSchema.safeParse(given).success).toBe(true);
    expect(attentionSchema.safeParse({ ...given, zone: 'Moon/Tycho' }).success).toBe(false);
    expect(attentionSchema.safeParse({ ...given, quiet: { fromMin: 0, toMin: 24 * 60 } }).success).toBe(false);
    expect(attentionSchema.safeParse({ ...given, quiet: { fromMin: 0, toMin: 24 * 60 - 1 } }).success).toBe(true);
  });
});
