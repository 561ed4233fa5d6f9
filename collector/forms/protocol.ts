import type { FormDefinition, FormField } from '../form.ts';
import { bubblesAcross } from './places.ts';

const YES_NO = [
  ['yes', 'Да'],
  ['no', 'Нет'],
] as const;

const STATEMENTS = [
  ['sealed', 'Доставочный пакет получен запечатанным'],
  ['started', 'Работа начата в назначенное время'],
  ['observer', 'Независимый наблюдатель присутствовал'],
  ['breaches', 'Были нарушения порядка проведения'],
  ['collected', 'Все бланки собраны и пересчитаны'],
  ['packed', 'Бланки упакованы в присутствии наблюдателя'],
] as const;

const statements: FormField[] = STATEMENTS.map(([key, label], index) => ({
  ...{ kind: 'choice', key, label, correction: null },
  options: bubblesAcross(YES_NO, { x: 150, y: 62 + index * 11 }, 20),
}));

const NOTES = [
  ['times', 'Время начала и окончания', 20],
  ['counts', 'Число участников: по списку, явилось, удалено', 20],
  ['events', 'Что произошло: кто, когда, что сделано', 54],
  ['signatures', 'Подписи организатора и наблюдателя', 20],
] as const;

let y = 134;
const notes: FormField[] = NOTES.map(([key, label, height]) => {
  const box = { x: 18, y, width: 174, height: height - 6 };
  y += height + 4;
  return { kind: 'text', key, label, box };
});

/** How it went in a room (S1-14, S1-50), for who has no computer at hand: filled on paper, read from the scan. */
export const PROTOCOL: FormDefinition = {
  ...{
    id: 'protocol',
    number: 2,
    version: 1,
    purpose: 'protocol',
    title: 'Протокол проведения исследования в аудитории',
  },
  pages: [
    {
      ...{ number: 1, sheet: 1, side: 'front' },
      instruction: 'Закрасьте «Да» или «Нет» в каждой строке и заполните рамки.',
      fields: [...statements, ...notes],
    },
  ],
};
