import { describe, expect, it } from 'vitest';
import { HubError } from '../error.ts';
import type { Role } from '../people/rights.ts';
import {
  answererOf,
  applyForumFact,
  applyReaderFact,
  claimSubject,
  emptyReader,
  forumOf,
  readTo,
  threadWith,
  unreadOf,
} from './forum-state.ts';
import {
  answer,
  ask,
  close,
  correct,
  demandSeen,
  EXCERPT_CHARS_MAX,
  excerptOf,
  followUp,
  forumRights,
  hide,
  makeOfficial,
  mayClose,
  MESSAGE_CHARS_MAX,
  MESSAGES_PER_QUESTION_MAX,
  partsOf,
  postSchema,
  QUESTION_CHARS_MIN,
  QUESTIONS_SHOWN_MAX,
  reopen,
  type Author,
  type Posted,
  type Question,
} from './forum.ts';

const school: Author = { id: 's', name: 'Тестова Т. Т.', role: 'institutionCoordinator', unit: 'i1', unitName: 'СОШ' };
const centre: Author = { id: 'c', name: 'Центрова Ц. Ц.', role: 'federalCoordinator', unit: 'rf', unitName: 'РФ' };
const by = (author: Author, id: string, text = 'Можно ли провести исследование в двух аудиториях?') => ({
  id,
  text,
  author,
});
const asked = (): Posted => ask('p', by(school, 'q'), 1_000);
const answered = (): Posted => answer(asked().question, by(centre, 'a', 'Да, можно.'), 2_000);
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
  return 'none';
};
const command = 'a-command-of-sixteen-signs';
const said = (text: string) => postSchema.safeParse({ kind: 'question', command, text });

describe('a question', () => {
  it('[S1-41] is open from the moment it is asked until it is answered, then closed, and open again by what is asked on', () => {
    const { question, message } = asked();
    expect(question).toMatchObject({ status: 'open', waitingSinceMs: 1_000, messages: 1, answers: 0 });
    expect(message).toMatchObject({ n: 1, kind: 'question', author: school });
    const first = answered().question;
    expect(first).toMatchObject({ status: 'answered', answeredAtMs: 2_000, messages: 2, answers: 1 });
    const closed = close(first, centre, 3_000);
    expect(closed).toMatchObject({ status: 'closed', closed: { by: centre.name, atMs: 3_000 } });
    expect(followUp(closed, by(school, 'f'), 4_000).question).toMatchObject({ status: 'open', waitingSinceMs: 4_000 });
    expect(followUp(first, by(school, 'f'), 4_000).question).toMatchObject({ status: 'open', messages: 3 });
    expect(reopen(closed, 5_000)).toMatchObject({ status: 'open', waitingSinceMs: 5_000 });
  });

  it('[S1-41] that waits is not put back by what is asked after it', () => {
    expect(followUp(asked().question, by(school, 'f'), 9_000).question).toMatchObject({ waitingSinceMs: 1_000 });
  });

  it('that is closed takes no answer, and one without an answer is not closed', () => {
    const closed = close(answered().question, centre, 3_000);
    expect(codeOf(() => answer(closed, by(centre, 'b'), 4_000))).toBe('question_closed');
    expect(codeOf(() => close(closed, centre, 4_000))).toBe('question_closed');
    expect(codeOf(() => close(asked().question, centre, 4_000))).toBe('question_unanswered');
    expect(codeOf(() => reopen(asked().question, 4_000))).toBe('stale_write');
  });

  it('takes messages up to its limit and refuses the next one by name', () => {
    const almost: Question = { ...asked().question, messages: MESSAGES_PER_QUESTION_MAX - 1 };
    const { question } = followUp(almost, by(school, 'last'), 2_000);
    expect(question.messages).toBe(MESSAGES_PER_QUESTION_MAX);
    for (const write of [followUp, answer])
      expect(codeOf(() => write(question, by(school, 'x'), 3_000))).toBe('thread_full');
  });

  it('has one official answer, and nothing but an answer of its own can be it', () => {
    const { question, message } = answered();
    expect(makeOfficial(question, message, 3_000)).toMatchObject({ official: 'a', status: 'answered', rev: 3 });
    expect(makeOfficial(question, null, 3_000).official).toBeNull();
    expect(codeOf(() => makeOfficial(question, asked().message, 3_000))).toBe('bad_input');
    expect(codeOf(() => makeOfficial(question, { ...message, question: 'other' }, 3_000))).toBe('bad_input');
  });
});

describe('a correction', () => {
  it('[S1-42] is a message of its own that points at the corrected one, which stays as it was', () => {
    const { question, message } = answered();
    const corrected = correct(question, message, by(centre, 'a2', 'Нет, нельзя.'), 3_000);
    expect(corrected.message).toMatchObject({ n: 3, kind: 'answer', corrects: 'a', text: 'Нет, нельзя.' });
    expect(corrected.question).toMatchObject({ status: 'answered', answers: 1, messages: 3 });
    expect(message.text).toBe('Да, можно.');
  });

  it('of what was asked makes the question wait again', () => {
    const { question } = answered();
    expect(correct(question, asked().message, by(school, 'q2'), 3_000).question).toMatchObject({
      status: 'open',
      waitingSinceMs: 3_000,
    });
  });

  it('is nobody else’s, and of no other question', () => {
    const { question, message } = answered();
    expect(codeOf(() => correct(question, message, by(school, 'x'), 3_000))).toBe('not_allowed');
    expect(codeOf(() => correct({ ...question, id: 'other' }, message, by(centre, 'x'), 3_000))).toBe('not_allowed');
  });
});

describe('a question born from a code', () => {
  it('carries the step and the code of the hub, and nothing that somebody could write into it', () => {
    const about = { stage: 'send', code: 'window_closed' };
    const posting = { kind: 'question', command, text: 'Почему окно закрыто?' };
    expect(postSchema.parse({ ...posting, about })).toMatchObject({ about });
    expect(postSchema.parse(posting)).toMatchObject({ about: null });
    for (const wrong of [
      { ...about, code: 'Иванов Иван' },
      { ...about, stage: 'Иванов' },
      { ...about, cell: 'Иванов' },
    ])
      expect(postSchema.safeParse({ ...posting, about: wrong }).success).toBe(false);
    const { question } = ask('p', { ...by(school, 'q'), about: { stage: 'send', code: 'window_closed' } }, 1);
    expect(close(answer(question, by(centre, 'a'), 2).question, centre, 3).about?.code).toBe('window_closed');
  });
});

describe('a hidden message', () => {
  it('loses its text and keeps who hid it and why; an official answer is official no longer', () => {
    const { question, message } = answered();
    const hidden = hide(makeOfficial(question, message, 3_000), message, { by: centre, reason: 'Телефон' }, 4_000);
    expect(hidden.message).toMatchObject({
      rev: 2,
      text: '',
      hidden: { by: centre.name, reason: 'Телефон', atMs: 4_000 },
    });
    expect(hidden.question).toMatchObject({ official: null, status: 'answered', excerpt: question.excerpt });
    expect(codeOf(() => hide(hidden.question, hidden.message, { by: centre, reason: 'x' }, 5_000))).toBe('stale_write');
    expect(codeOf(() => makeOfficial(hidden.question, hidden.message, 5_000))).toBe('bad_input');
  });

  it('that was the question itself takes its words out of the list', () => {
    expect(hide(answered().question, asked().message, { by: centre, reason: 'x' }, 3_000).question.excerpt).toBe('');
  });
});

describe('an answer', () => {
  it('to what its writer has not seen is refused with who answered meanwhile, and taken once he has seen it', () => {
    const { message } = answered();
    expect(() => demandSeen([message], 'another', 1)).toThrow(
      expect.objectContaining({ code: 'answered_meanwhile', params: { by: centre.name, atMs: 2_000 } }) as Error,
    );
    for (const [writer, seen] of [
      ['another', 2],
      [centre.id, 1],
    ] as const)
      expect(codeOf(() => demandSeen([message], writer, seen))).toBe('none');
    expect(codeOf(() => demandSeen([asked().message], 'another', 0))).toBe('none');
  });
});

describe('what is written', () => {
  it('[S1-41] is text within its limits, and nothing beside it', () => {
    expect(said('x'.repeat(QUESTION_CHARS_MIN - 1)).success).toBe(false);
    expect(said('x'.repeat(QUESTION_CHARS_MIN)).success).toBe(true);
    expect(said('x'.repeat(MESSAGE_CHARS_MAX)).success).toBe(true);
    expect(said('x'.repeat(MESSAGE_CHARS_MAX + 1)).success).toBe(false);
    expect(said(`  ${' '.repeat(QUESTION_CHARS_MIN)}\n`).success).toBe(false);
    expect(postSchema.safeParse({ kind: 'question', command, text: 'x'.repeat(20), file: 'x' }).success).toBe(false);
    expect(postSchema.safeParse({ kind: 'question', command: 'short', text: 'x'.repeat(20) }).success).toBe(false);
  });

  it('loses what could deceive a reader, and nothing else', () => {
    const { data } = said('Вопрос\u202e про\u0000 файл\r\nи\tвторая <b>строка</b>\n\n\n\n\nконец');
    expect(data?.text).toBe('Вопрос про файл\nи\tвторая <b>строка</b>\n\n\nконец');
  });

  it('has links only where a browser may safely go', () => {
    const links = (text: string) => partsOf(text).flatMap((part) => (part.kind === 'link' ? part.text : []));
    expect(links('См. https://centre.example.org/a?b=1, и (http://example.org).')).toEqual([
      'https://centre.example.org/a?b=1',
      'http://example.org',
    ]);
    for (const text of [
      'javascript:alert(1)',
      'data:text/html,x',
      'https://centre.example.org@evil.example.net/',
      'https://user:word@example.org',
      'https://',
      'http://localhost/x',
      'ftp://example.org',
    ])
      expect(links(text), text).toEqual([]);
  });

  it('is put together from its parts as it was', () => {
    for (const text of ['', 'слова', 'a https://example.org/ b\nhttps://x@y.z c', 'https://example.org'])
      expect(
        partsOf(text)
          .map((part) => part.text)
          .join(''),
      ).toBe(text);
  });

  it('is cut in the list', () => {
    expect(excerptOf('x'.repeat(EXCERPT_CHARS_MAX))).toHaveLength(EXCERPT_CHARS_MAX);
    expect(excerptOf('x'.repeat(EXCERPT_CHARS_MAX + 1))).toMatch(/^x{159}…$/);
    expect(excerptOf('Здравствуйте\nНужно ли сканировать пустые бланки?')).toBe(
      'Здравствуйте Нужно ли сканировать пустые бланки?',
    );
  });
});

describe('who may what in a forum', () => {
  const holding = (role: Role, path: string, procedure: string | null = null) => ({
    assignments: [{ role, unit: 'u', path, procedure }],
  });
  const region = { id: 'p', path: '/rf/48/' };
  const study = { id: 'p', path: '/rf/' };

  it('[S1-42] every organizer of every region of the procedure reads everything', () => {
    for (const path of ['/rf/', '/rf/48/', '/rf/70/', '/rf/70/c70-1/'])
      expect(forumRights(holding('institutionCoordinator', path), study).reads, path).toBe(true);
    expect(forumRights(holding('institutionCoordinator', '/rf/70/c70-1/'), region).reads).toBe(false);
    expect(forumRights(holding('federalCoordinator', '/rf/'), region).reads).toBe(true);
    expect(forumRights(holding('institutionCoordinator', '/rf/48/i48-1/', 'other'), region).reads).toBe(false);
    expect(forumRights(holding('institutionCoordinator', '/rf/48/i48-1/', 'p'), region).reads).toBe(true);
  });

  it('[S1-41] regional coordinators and responsible organizers ask; room organizers only read', () => {
    expect(forumRights(holding('regionalCoordinator', '/rf/48/'), study).asks).toBe(true);
    expect(forumRights(holding('institutionCoordinator', '/rf/48/i48-1/'), study).asks).toBe(true);
    expect(forumRights(holding('roomOrganizer', '/rf/48/i48-1/'), study)).toEqual({
      ...{ reads: true, asks: false, answers: false, keeps: false },
    });
  });

  it('[S1-40] the federal coordinator answers, and the regional one too', () => {
    expect(forumRights(holding('federalCoordinator', '/rf/'), study)).toMatchObject({ answers: true, keeps: true });
    expect(forumRights(holding('regionalCoordinator', '/rf/48/'), study)).toMatchObject({
      answers: true,
      keeps: false,
    });
    expect(forumRights(holding('regionalCoordinator', '/rf/48/'), region)).toMatchObject({
      answers: true,
      keeps: true,
    });
    expect(forumRights(holding('authoritySpecialist', '/rf/48/'), region)).toMatchObject({
      answers: false,
      keeps: true,
    });
    expect(forumRights(holding('institutionCoordinator', '/rf/48/i48-1/'), region).answers).toBe(false);
  });

  it('lets whoever asked close his own question, and nobody else’s', () => {
    const rights = forumRights(holding('institutionCoordinator', '/rf/48/i48-1/'), region);
    expect(mayClose({ id: 's', assignments: [] }, asked().question, rights)).toBe(true);
    expect(mayClose({ id: 'other', assignments: [] }, asked().question, rights)).toBe(false);
  });
});

describe('what has been read', () => {
  const { question } = answered();
  it('only moves forward, and never beyond what there is', () => {
    const first = readTo(null, { person: 'x', question, n: 1 });
    expect(first).toMatchObject({ id: 'x/q', rev: 1, n: 1 });
    expect(readTo(first, { person: 'x', question, n: 99 })).toMatchObject({ rev: 2, n: 2 });
    expect(readTo(first, { person: 'x', question, n: 1 })).toBeNull();
    expect(readTo(first, { person: 'x', question, n: 0 })).toBeNull();
  });

  it('leaves unread what came after', () => {
    expect(unreadOf(question, { read: {} })).toBe(2);
    expect(unreadOf(question, { ...emptyReader(), read: { q: 1 } })).toBe(1);
    expect(unreadOf(question, { read: { q: 2 } })).toBe(0);
    const once = applyReaderFact(
      { ...emptyReader(), read: { q: 2 } },
      { type: 'readMoved', entity: 'q', rev: 1, body: { n: 1 } },
    );
    expect(once.read).toEqual({ q: 2 });
  });
});

describe('the live list', () => {
  const fact = ({ question, message }: Posted) => ({
    type: 'questionChanged' as const,
    entity: question.id,
    rev: question.rev,
    body: { question, message },
  });

  it('has open questions first, the longest waiting before the others, then what happened last', () => {
    const open = (id: string, atMs: number) => ask('p', by(school, id), atMs).question;
    const done = (id: string, atMs: number) => answer(open(id, 0), by(centre, `${id}a`), atMs).question;
    const questions = [done('d1', 5), open('o2', 20), done('d2', 50), open('o1', 10)];
    expect(forumOf('p', questions, []).questions.map(({ id }) => id)).toEqual(['o1', 'o2', 'd2', 'd1']);
  });

  it('is the same whichever facts it holds already', () => {
    const facts = [asked(), answered()].map(fact);
    const whole = facts.reduce(applyForumFact, forumOf('p', [], []));
    expect(facts.reduce(applyForumFact, whole)).toEqual(whole);
    expect(whole.questions).toHaveLength(1);
  });

  it('shows so many questions and no more', () => {
    const many = Array.from(
      { length: QUESTIONS_SHOWN_MAX },
      (_, index) => ask('p', by(school, `q${index}`), index).question,
    );
    const state = forumOf('p', many, []);
    expect(state.questions).toHaveLength(QUESTIONS_SHOWN_MAX);
    const next = applyForumFact(state, fact(ask('p', by(school, 'new'), 1_000_000)));
    expect(next.questions).toHaveLength(QUESTIONS_SHOWN_MAX);
  });

  it('says who is about to answer until his lease ends', () => {
    const claim = { id: claimSubject('q'), token: 1, holder: { id: 'c', name: 'Ц' }, sinceMs: 0, untilMs: 100 };
    const state = applyForumFact(forumOf('p', [asked().question], []), {
      ...{ type: 'claimChanged', entity: claim.id, rev: 1, body: { claim } },
    });
    expect(answererOf(state, 'q', 99)?.holder?.name).toBe('Ц');
    expect(answererOf(state, 'q', 100)).toBeNull();
    expect(answererOf(state, 'other', 0)).toBeNull();
  });

  it('puts a message into its thread once, in its place', () => {
    const [first, second] = [asked().message, answered().message];
    const thread = threadWith(threadWith([], second), first);
    expect(thread.map(({ n }) => n)).toEqual([1, 2]);
    expect(threadWith(thread, second)).toBe(thread);
  });
});
