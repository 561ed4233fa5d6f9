import type { FormDefinition, FormField } from '../form.ts';
import { bubblesAcross } from './places.ts';

const DIGITS = Array.from({ length: 10 }, (_, digit) => [`d${digit}`, String(digit)] as const);
/** Keys of the figure of sheets, the highest place first; an option's key is `d` and its digit. */
export const SHEET_COUNT_KEYS = ['hundreds', 'tens', 'ones'] as const;
const PLACES: Readonly<Record<(typeof SHEET_COUNT_KEYS)[number], string>> = {
  ...{ hundreds: 'Листов в пачке: сотни', tens: 'десятки', ones: 'единицы' },
};

const figures: FormField[] = SHEET_COUNT_KEYS.map((key, index) => ({
  ...{ kind: 'choice', key, label: PLACES[key], correction: null },
  options: bubblesAcross(DIGITS, { x: 84, y: 66 + index * 12 }, 10.5),
}));

/** Goes first in a batch and says whose it is and how many sheets follow (S1-24). */
export const COVER: FormDefinition = {
  ...{ id: 'cover', number: 4, version: 1, purpose: 'cover', title: 'Сопроводительный лист пачки' },
  pages: [
    {
      ...{ number: 1, sheet: 1, side: 'front' },
      instruction: 'Сосчитайте листы без этого, закрасьте по одному кружку в каждой строке и положите лист сверху.',
      fields: [
        ...figures,
        {
          ...{ kind: 'text', key: 'note', label: 'Примечания: испорченные листы, недостача, излишек' },
          box: { x: 18, y: 116, width: 174, height: 60 },
        },
        {
          ...{ kind: 'text', key: 'handover', label: 'Сдал, принял: подписи и дата' },
          box: { x: 18, y: 190, width: 174, height: 30 },
        },
      ],
    },
  ],
};
