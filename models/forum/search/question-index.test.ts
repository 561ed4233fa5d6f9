import { describe, expect, it } from 'vitest';
import { distanceWithin, QuestionIndex } from './question-index.ts';
import { marked, stemOf, wordsOf } from './terms.ts';

/** Three questions of domain 5.5 and some near them, each its own thread. */
const TEXTS: Record<string, string> = {
  rooms: 'Можно ли провести исследование в двух условных аудиториях одного кабинета?',
  signing: 'Какой документ подписывает специалист при приёмке пакетов?',
  blanks: 'Нужно ли сканировать пустые бланки?',
  resolution: 'С каким разрешением сканировать бланки ответов?',
  password: 'Директор забыл пароль от кабинета, как получить новый?',
  template: 'Не открывается шаблон Excel, пишет, что файл повреждён.',
  upload: 'How do I upload scanned forms when the network is slow?',
};

function indexed(texts = TEXTS): QuestionIndex {
  const index = new QuestionIndex();
  for (const [id, text] of Object.entries(texts)) index.add({ id, question: id, kind: 'question', text });
  return index;
}
const first = (index: QuestionIndex, text: string): string | undefined =>
  index.find(text, { limit: 5 }).hits[0]?.question;

describe('words of a text', () => {
  it('are found by their stems in both languages', () => {
    expect(stemOf('бланков')).toBe(stemOf('бланки'));
    expect(stemOf('аудиториях')).toBe(stemOf('аудитория'));
    expect(stemOf('uploading')).toBe('upload');
  });

  it('count once, without those that say nothing, «ё» being «е»', () => {
    expect(wordsOf('Как же так: отчёт, отчет и ОТЧЁТЫ!').map(({ text }) => text)).toEqual(['отчет']);
  });

  it('have a root and the concept that people call by several words', () => {
    const [word] = wordsOf('сканирование');
    expect(word?.terms.map(({ key }) => key)).toEqual(['сканирован', '~скани', '=scan']);
  });
});

describe('QuestionIndex', () => {
  it('[S1-42] finds a question by other forms of its words, in any order', () => {
    expect(first(indexed(), 'бланк пустой сканирование')).toBe('blanks');
    expect(first(indexed(), 'условная аудитория')).toBe('rooms');
    expect(first(indexed(), 'uploads of a scanned form')).toBe('upload');
  });

  it('finds it by what the field calls the same', () => {
    expect(first(indexed(), 'руководитель не помнит пароля')).toBe('password');
  });

  it('reads a misspelt word as the nearest one that somebody wrote', () => {
    const { hits, keys } = indexed().find('подпсывает специолист', { limit: 5 });
    expect(hits[0]?.question).toBe('signing');
    expect(
      marked(TEXTS['signing'] ?? '', keys)
        .filter(({ isFound }) => isFound)
        .map(({ text }) => text),
    ).toEqual(['подписывает', 'специалист']);
  });

  it('[S1-42] reads no word as misspelt that the field has another word for', () => {
    const index = indexed({ ...TEXTS, way: 'Где выход при пожаре?', login: 'Логин не подходит, как быть?' });
    // Nobody wrote «вход», but a login is what it is; it is no slip for «выход».
    expect(index.find('вход', { limit: 5 }).hits.map(({ question }) => question)).toEqual(['login']);
  });

  it('takes the word that is being typed as a beginning', () => {
    expect(indexed().find('услов', { limit: 5, isTyping: true }).hits[0]?.question).toBe('rooms');
    expect(indexed().find('услов', { limit: 5 }).hits).toEqual([]);
  });

  it('puts what has all of the words before what has one', () => {
    expect(
      indexed()
        .find('сканировать пустые бланки', { limit: 5 })
        .hits.map(({ question }) => question)
        .slice(0, 2),
    ).toEqual(['blanks', 'resolution']);
    expect(indexed().find('сканировать пустые бланки', { limit: 1 }).hits).toHaveLength(1);
  });

  it('finds a question by its answer, but calls no question similar for it', () => {
    const index = indexed();
    index.add({
      id: 'a1',
      question: 'blanks',
      kind: 'answer',
      text: 'Неиспользованные комплекты возвращаются опечатанными.',
    });
    expect(first(index, 'опечатанные комплекты')).toBe('blanks');
    expect(index.find('опечатанные комплекты', { limit: 5, withAnswers: false }).hits).toEqual([]);
  });

  it('names a question once, whatever of its messages answer', () => {
    const index = indexed();
    for (let n = 0; n < 30; n += 1)
      index.add({ id: `m${n}`, question: 'blanks', kind: 'followUp', text: 'пустые бланки' });
    const { hits } = index.find('пустые бланки', { limit: 3 });
    expect(hits.map(({ question }) => question)).toEqual(['blanks', 'resolution']);
  });

  it('does not find what is hidden', () => {
    const index = indexed();
    index.hide('blanks');
    expect(first(index, 'пустые бланки')).toBe('resolution');
  });

  it('asks of each question whether it is wanted', () => {
    const { hits } = indexed().find('бланки', { limit: 5, accepts: (question) => question !== 'blanks' });
    expect(hits.map(({ question }) => question)).toEqual(['resolution']);
  });

  it('adds a message once, and finds nothing by nothing', () => {
    const index = indexed();
    index.add({ id: 'blanks', question: 'other', kind: 'question', text: 'иное' });
    expect(index.size).toBe(Object.keys(TEXTS).length);
    expect(index.find(' — ?! как же так', { limit: 5 }).hits).toEqual([]);
    expect(new QuestionIndex().find('бланки', { limit: 5 }).hits).toEqual([]);
  });

  it('answers a search the same after another one', () => {
    const index = indexed();
    const before = index.find('сканировать бланки', { limit: 5 });
    index.find('пароль директора', { limit: 5 });
    expect(index.find('сканировать бланки', { limit: 5 })).toEqual(before);
  });
});

describe('distanceWithin', () => {
  it.each([
    ['бланк', 'бланк', 2, 0],
    ['бланк', 'балнк', 2, 1],
    ['бланк', 'блак', 2, 1],
    ['бланк', 'блонки', 2, 2],
    ['бланк', 'пакет', 2, 3],
    ['бланк', 'бланкирование', 2, 3],
  ])('%s and %s, at most %i', (a, b, most, distance) => {
    expect(distanceWithin(a, b, most)).toBe(distance);
  });
});

describe('marked', () => {
  it('leaves the text whole', () => {
    const text = 'Сканировать ли пустые бланки?\nСпасибо.';
    const parts = marked(text, new Set(['бланк']));
    expect(parts.map((part) => part.text).join('')).toBe(text);
    expect(parts.filter(({ isFound }) => isFound)).toEqual([{ text: 'бланки', isFound: true }]);
  });
});
