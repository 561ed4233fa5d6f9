import { ATTENDANCES, type Attendance, type FormDefinition, type FormField } from '../form.ts';
import { bubblesAcross } from './places.ts';

/** Participants on one sheet. */
export const ATTENDANCE_ROWS = 25;

const LABELS: Readonly<Record<Attendance, string>> = { attended: 'Явился', absent: 'Не явился', late: 'Опоздал' };

function row(index: number): FormField {
  const options = bubblesAcross(
    ATTENDANCES.map((key) => [key, LABELS[key]] as const),
    { x: 100, y: 60 + index * 8 },
    30,
  );
  return {
    ...{ kind: 'attendance', key: `row${index + 1}`, label: String(index + 1), row: index + 1 },
    options,
  };
}

/** Who came to a room: one row a participant code, no names (S1-14). The page of the code counts the sheets of a room. */
export const ATTENDANCE_SHEET: FormDefinition = {
  ...{ id: 'attendance', number: 3, version: 1, purpose: 'attendance', title: 'Ведомость явки в аудитории' },
  pages: [
    {
      ...{ number: 1, sheet: 1, side: 'front' },
      instruction: 'В каждой строке закрасьте один кружок. Строки без кода участника оставьте пустыми.',
      fields: Array.from({ length: ATTENDANCE_ROWS }, (_, index) => row(index)),
    },
  ],
};
