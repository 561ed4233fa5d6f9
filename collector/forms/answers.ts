import type { FormDefinition, FormField } from '../form.ts';
import { bubblesAcross } from './places.ts';

const QUESTIONS = 30;
const PER_COLUMN = 15;
const LETTERS = [
  ['a', 'А'],
  ['b', 'Б'],
  ['c', 'В'],
  ['d', 'Г'],
] as const;

function question(index: number): FormField {
  const x = 18 + Math.floor(index / PER_COLUMN) * 90;
  const y = 62 + (index % PER_COLUMN) * 10;
  return {
    ...{ kind: 'choice', key: `q${index + 1}`, label: String(index + 1) },
    options: bubblesAcross(LETTERS, { x: x + 10, y }),
    correction: bubblesAcross(LETTERS, { x: x + 50, y }),
  };
}

function freeAnswer(index: number): FormField {
  return {
    ...{ kind: 'freeAnswer', key: `free${index + 1}`, label: `Задание ${QUESTIONS + index + 1}`, pointsMax: 3 },
    box: { x: 18, y: 58 + index * 70, width: 174, height: 62 },
  };
}

/** The answer form of a study: thirty questions with one answer on the front, three answers in own words on the back (S1-12, S1-54). */
export const ANSWERS: FormDefinition = {
  ...{ id: 'answers', number: 1, version: 1, purpose: 'answers', title: 'Бланк ответов участника исследования' },
  pages: [
    {
      ...{ number: 1, sheet: 1, side: 'front' },
      instruction:
        'Закрасьте один кружок в строке задания. Чтобы заменить ответ, закрасьте кружок в той же строке справа, под словом «Замена»: тогда учтён будет он.',
      fields: [
        ...Array.from({ length: QUESTIONS }, (_, index) => question(index)),
        {
          ...{ kind: 'attendance', key: 'attendance', label: 'Заполняет организатор: участник не явился', row: null },
          options: bubblesAcross([['absent', 'Не явился']], { x: 108, y: 222 }),
        },
        {
          ...{ kind: 'text', key: 'organizer', label: 'Подпись организатора в аудитории' },
          box: { x: 18, y: 240, width: 174, height: 16 },
        },
      ],
    },
    {
      ...{ number: 2, sheet: 1, side: 'back' },
      instruction: 'Пишите внутри рамок. Не указывайте фамилию, имя и название организации.',
      fields: Array.from({ length: 3 }, (_, index) => freeAnswer(index)),
    },
  ],
};
