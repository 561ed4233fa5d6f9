import type { FormDefinition } from '../form.ts';

/** An additional sheet for whoever ran out of room; the organizer writes on it to which participant code it belongs. */
export const SPARE: FormDefinition = {
  ...{ id: 'spare', number: 5, version: 1, purpose: 'spare', title: 'Дополнительный бланк' },
  pages: [
    {
      ...{ number: 1, sheet: 1, side: 'front' },
      instruction: 'Перепишите двадцать знаков кода основного бланка в верхнюю рамку. Не указывайте фамилию и имя.',
      fields: [
        {
          ...{ kind: 'text', key: 'mainCode', label: 'Код основного бланка' },
          box: { x: 18, y: 58, width: 174, height: 14 },
        },
        {
          ...{ kind: 'freeAnswer', key: 'more', label: 'Продолжение ответа', pointsMax: 3 },
          box: { x: 18, y: 82, width: 174, height: 178 },
        },
      ],
    },
  ],
};
