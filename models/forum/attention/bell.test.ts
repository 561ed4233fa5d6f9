import { describe, expect, it } from 'vitest';
import { emptyReader, type QuestionFact } from '../forum-state.ts';
import { answer, ask, followUp, hide, type Author, type Posted } from '../forum.ts';
import { applyBellForumFact, applyBellReaderFact, bellQuestion, ring, type BellForum } from './bell.ts';
import { pathsMeant } from './mention.ts';

const school: Author = {
  ...{ id: 's', name: 'Тестова Т. Т.', role: 'institutionCoordinator', unit: 'i1', unitName: 'СОШ' },
  path: '/48/m1/i1/',
};
const centre: Author = { ...school, id: 'c', role: 'regionalCoordinator', unit: '48', path: '/48/' };
const OWNER = { id: 's', holds: [{ role: 'institutionCoordinator', unit: 'i1', path: '/48/m1/i1/' }] } as const;
const EMPTY: BellForum = { procedure: 'p', title: 'П', reader: emptyReader(), rung: [], isCut: false };

const factOf = ({ question, message }: Posted): QuestionFact => ({
  ...{ type: 'questionChanged', entity: question.id, rev: question.rev },
  body: { question, message },
});
const asked = (id: string, by: Author, atMs: number, text = 'Нужно ли сканировать бланки?') =>
  ask('p', { id, text, author: by, mentions: [] }, atMs);
const ids = ({ rung }: BellForum) => rung.map(({ question, concern }) => `${question.id} ${concern}`);

describe('a bell', () => {
  it('[S1-42] rings for what concerns its owner and is unread, the latest first, and for nothing else', () => {
    const own = asked('own', school, 1);
    const answered = answer(own.question, { id: 'a', text: 'Нет', author: centre }, 2);
    const called = ask(
      'p',
      {
        id: 'called',
        text: 'А у вас есть такая ошибка?',
        author: centre,
        mentions: [{ kind: 'role', role: 'institutionCoordinator' }],
      },
      3,
    );
    const facts = [own, asked('other', centre, 1), answered, called].map(factOf);
    const read = applyBellReaderFact(EMPTY, OWNER, { type: 'readMoved', entity: 'own', rev: 1, body: { n: 1 } });
    const heard = facts.reduce((state, fact) => applyBellForumFact(state, OWNER, fact), read);
    expect(ids(heard)).toEqual(['called mention', 'own mine']);
    // The law of live state: what is heard is what a fresh look finds, however often it is heard.
    const questions = [answered, called, asked('other', centre, 1)].map(({ question }) => bellQuestion(question));
    expect(heard).toEqual(ring({ ...EMPTY, reader: heard.reader }, OWNER, questions));
    expect(facts.reduce((state, fact) => applyBellForumFact(state, OWNER, fact), heard)).toEqual(heard);

    const silent = applyBellReaderFact(heard, OWNER, { type: 'readMoved', entity: 'own', rev: 2, body: { n: 2 } });
    expect(ids(silent)).toEqual(['called mention']);
    const more = followUp(answered.question, { id: 'f', text: 'Почему?', author: centre }, 4);
    expect(ids(applyBellForumFact(silent, OWNER, factOf(more)))).toEqual(['own mine', 'called mention']);
  });

  it('keeps no text of a question that was hidden', () => {
    const own = asked('own', school, 1);
    const heard = applyBellForumFact(EMPTY, OWNER, factOf(own));
    const hidden = hide(own.question, own.message, { by: { name: 'Т' }, reason: 'личные данные' }, 2);
    expect(applyBellForumFact(heard, OWNER, factOf(hidden)).rung[0]?.question.excerpt).toBe('');
    expect(JSON.stringify(bellQuestion(own.question))).not.toContain(school.name);
  });

  it('is meant by its territory and by whatever holds it', () => {
    expect(pathsMeant(OWNER.holds)).toEqual(['/48/', '/48/m1/', '/48/m1/i1/']);
    expect(pathsMeant([])).toEqual([]);
  });
});
