import { describe, expect, it } from 'vitest';
import {
  COLLECTOR_FINDING_CODES,
  FINDINGS,
  WAYS_OUT,
  type CollectorFinding,
  type FindingData,
} from '#collector/finding.ts';
import type { PageCode } from '#collector/code.ts';
import { isSaid } from '#lib/say.ts';
import { batchCauseWords, scanFindingWords } from './finding-words.ts';

const crop = { x: 0, y: 0, width: 10, height: 10 };
const code: PageCode = {
  ...{ procedure: 1, institution: 1, holder: { kind: 'participant', number: 7 } },
  ...{ form: 1, version: 1, page: 1 },
};
const DATA: { [Code in keyof FindingData]: FindingData[Code] } = {
  FILE_CORRUPT: { reason: 'truncated', path: 'а.zip', page: 3 },
  FILE_UNSUPPORTED: { reason: 'encrypted', looksLike: 'PDF', path: null },
  FILE_OVER_LIMIT: { limit: 'fileBytes', value: 3 * 1024 ** 3, max: 2 * 1024 ** 3, path: null, page: null },
  PAGE_SET_ASIDE: { reason: 'slow', path: null, page: 4 },
  PAGE_BLANK: { inkShare: 0.0004 },
  DPI_LOW: { dpi: 150, dpiMin: 200 },
  CONTRAST_LOW: { contrast: 40, contrastMin: 60 },
  BW_LOSSY: {},
  STREAKED: { streaks: 2 },
  SKEW_HIGH: { degrees: 6.25, degreesMax: 5 },
  UPSIDE_DOWN: { quarterTurns: 2 },
  EDGE_CUT: { edges: ['left', 'bottom'], fields: ['q5', 'organizer'] },
  FIDUCIAL_MISSING: { found: 3 },
  GEOMETRY_UNKNOWN: { found: [{ x: 1, y: 2 }] },
  CODE_UNREADABLE: { crops: [crop] },
  CODE_CONFLICT: { candidates: [{ code, text: '01234567890123456789', from: 'qr', crop: null }] },
  FORM_UNKNOWN: { form: 77 },
  FORM_VERSION_OLD: { form: 1, version: 1, newest: 2 },
  MARK_AMBIGUOUS: { field: 'q5', crop, marks: [{ option: 'b', row: 'answer', darkness: 0.31 }] },
  MARK_MULTIPLE: { field: 'q5', crop, marks: [] },
  MARK_STAIN: { fields: ['q1'], crop },
  FOREIGN_PROCEDURE: { procedure: 9 },
  FOREIGN_INSTITUTION: { institution: 12 },
  PARTICIPANT_UNKNOWN: { holder: { kind: 'spare', number: 3 } },
  PAGE_DUPLICATE: { text: '01234567890123456789', otherPageId: 'f.1', isSameImage: false },
  PAGE_MISSING: { text: '01234567890123456789', page: 2 },
  COUNT_MISMATCH: { declared: 40, counted: 38 },
  ATTENDANCE_CONFLICT: {
    participant: 7,
    said: [
      { by: 'sheet', attendance: 'absent' },
      { by: 'answers', attendance: 'attended' },
    ],
  },
};
const findingOf = (of: keyof FindingData): CollectorFinding => ({ code: of, data: DATA[of] }) as CollectorFinding;

describe('words of what the Collector finds', () => {
  it('[S1-12] tell of every code what is wrong, why and what to do, with the figures, in both languages', () => {
    for (const locale of ['ru', 'en'] as const)
      for (const one of COLLECTOR_FINDING_CODES) {
        const { title, why, remedy } = scanFindingWords(findingOf(one), 'Колледж № 1', locale);
        for (const text of [title, why, remedy])
          expect([one, text]).toEqual([one, expect.stringMatching(/^[^{}_]{5,}$/)]);
      }
    expect(scanFindingWords(findingOf('MARK_AMBIGUOUS'), '', 'ru').why).toContain(
      'Задание 5: отметка слабее обычной (Б 31%)',
    );
    expect(scanFindingWords(findingOf('FILE_OVER_LIMIT'), '', 'ru').why).toMatch(/3\sГб, допускается не больше 2\sГб/);
    expect(scanFindingWords(findingOf('ATTENDANCE_CONFLICT'), '', 'ru').why).toContain(
      'в ведомости — не явился, по ответам — был',
    );
    expect(scanFindingWords(findingOf('EDGE_CUT'), '', 'ru').why).toContain('левый, нижний');
    expect(scanFindingWords(findingOf('PAGE_MISSING'), '', 'ru').why).toContain('0123 4567 8901 2345 6789');
  });

  it('[S1-12] have a button and its explanation for every way out, and a cause with a remedy for a whole batch', () => {
    for (const way of WAYS_OUT)
      expect([way, isSaid(`scan_way_${way}`), isSaid(`scan_way_${way}_hint`)]).toEqual([way, true, true]);
    const caused = COLLECTOR_FINDING_CODES.filter((one) => FINDINGS[one].batchCause !== null);
    for (const one of caused) {
      const words = batchCauseWords([findingOf(one)], 'ru');
      expect([one, words?.why]).toEqual([one, expect.stringMatching(/^[^{}_]{10,}$/)]);
      expect(words?.remedy).toMatch(/^[^{}_]{10,}$/);
    }
    expect(
      batchCauseWords(
        [150, 150, 72].map((dpi) => ({ code: 'DPI_LOW', data: { dpi, dpiMin: 200 } })),
        'ru',
      )?.why,
    ).toBe('Сканер настроен на 150 dpi');
    expect(batchCauseWords([findingOf('CODE_UNREADABLE')])).toBe(null);
  });
});
