import { describe, expect, it } from 'vitest';
import type { Unit, UnitKind } from '../org/unit.ts';
import {
  ADDRESSEES_MAX,
  correct,
  FILE_NAME_CHARS_MAX,
  FILES_BYTES_MAX,
  FILES_MAX,
  issue,
  kindsIn,
  listOf,
  publicationInputSchema,
  RELEASE_DAYS_MAX,
  release,
  safeFileName,
  scopesOf,
  STAGE_CHARS_MAX,
  TEXT_CHARS_MAX,
  TITLE_CHARS_MAX,
  withdraw,
  type Content,
} from './publication.ts';

const NOW_MS = 1_000_000_000;
const DAY_MS = 86_400_000;
const unit = (id: string, kind: UnitKind = 'institution'): Unit => ({
  ...{ id, rev: 1, kind, name: id, shortName: null, parent: null, path: `/${id}/`, order: 0, zone: null },
  status: { status: 'active' },
});
const CONTENT: Content = { kind: 'recommendations', title: 'Рекомендации', text: 'Текст', stage: '', files: [] };
const issued = (releaseAtMs: number | null, content = CONTENT) =>
  issue(
    { id: 'p', unit: unit('48', 'region'), byName: 'Тестов' },
    { procedure: null, asksConfirmation: false, releaseAtMs, content },
    NOW_MS,
  );
const refused = (code: string): unknown => expect.objectContaining({ code });

describe('to whom', () => {
  it('[S4-07] [S4-08] [S0-05] each level sends to the one below or to all institutions, an institution to its centre', () => {
    expect(kindsIn('federation', 'next')).toEqual(['region']);
    expect(kindsIn('region', 'next')).toEqual(['municipality', 'college']);
    expect(kindsIn('region', 'institutions')).toEqual(['institution', 'college']);
    expect(kindsIn('municipality', 'next')).toEqual(['institution']);
    for (const kind of ['institution', 'college'] as const) {
      expect(scopesOf(kind)).toEqual(['centre']);
      expect(kindsIn(kind, 'centre')).toEqual(['region']);
      expect(kindsIn(kind, 'next')).toEqual([]);
    }
    expect(kindsIn('municipality', 'centre')).toEqual([]);
    expect(scopesOf('scanningCentre')).toEqual([]);
  });

  it('is everybody or those chosen, and a list with one from outside is refused whole', () => {
    const all = [
      unit('a'),
      unit('b'),
      { ...unit('c'), status: { status: 'closed' as const, successor: null, atMs: 1 } },
    ];
    expect(listOf(all, null)).toEqual(['a', 'b']);
    expect(listOf(all, ['b', 'b'])).toEqual(['b']);
    expect(() => listOf(all, ['b', 'x'])).toThrow(refused('not_allowed'));
    expect(() => listOf(all, ['c'])).toThrow(refused('not_allowed'));
    expect(() => listOf(all, [])).toThrow(refused('addressees_none'));
  });

  it(`holds ${ADDRESSEES_MAX} units and not one more`, () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => unit(`u${n}`));
    expect(listOf(many(ADDRESSEES_MAX), null)).toHaveLength(ADDRESSEES_MAX);
    expect(() => listOf(many(ADDRESSEES_MAX + 1), null)).toThrow(refused('addressees_too_many'));
  });
});

describe('a publication', () => {
  it('[G-06] is released at its moment to the millisecond, once, and never before', () => {
    const planned = issued(NOW_MS + 1_000);
    expect(planned.status).toBe('planned');
    expect(release(planned, NOW_MS + 999)).toBeNull();
    const released = release(planned, NOW_MS + 1_000);
    expect(released).toMatchObject({ status: 'released', releasedAtMs: NOW_MS + 1_000, rev: 2 });
    expect(released).not.toHaveProperty('releaseAtMs');
    expect(released && release(released, NOW_MS + 2_000)).toBeNull();
  });

  it('[G-06] is planned for a moment to come, and no further ahead than a year and a summer', () => {
    expect(() => issued(NOW_MS)).toThrow(refused('release_past'));
    expect(issued(NOW_MS + RELEASE_DAYS_MAX * DAY_MS).status).toBe('planned');
    expect(() => issued(NOW_MS + RELEASE_DAYS_MAX * DAY_MS + 1)).toThrow(refused('release_far'));
  });

  it('says something: a text, or a file; and its files together have a limit', () => {
    expect(() => issued(null, { ...CONTENT, text: '' })).toThrow(refused('publication_empty'));
    const file = (bytes: number) => ({ id: String(bytes), name: 'x.pdf', type: 'pdf' as const, bytes, sha256: '' });
    expect(issued(null, { ...CONTENT, text: '', files: [file(FILES_BYTES_MAX)] }).status).toBe('released');
    expect(() => issued(null, { ...CONTENT, files: [file(FILES_BYTES_MAX), file(1)] })).toThrow(
      refused('files_too_large'),
    );
  });

  it('[S4-07] is corrected as another edition over the one that was read, the former kept', () => {
    const first = issued(null);
    const content = { ...CONTENT, text: 'Иначе' };
    const { publication, former } = correct(
      first,
      { rev: 1, content, byName: 'Другой' },
      unit('48', 'region'),
      NOW_MS + 1,
    );
    expect(publication).toMatchObject({ edition: 2, rev: 2, text: 'Иначе', byName: 'Другой', createdAtMs: NOW_MS });
    expect(former).toMatchObject({ id: 'p.1', edition: 1, text: 'Текст', byName: 'Тестов' });
    expect(() => correct(publication, { rev: 1, content, byName: 'Тестов' }, unit('48', 'region'), NOW_MS)).toThrow(
      refused('stale_write'),
    );
  });

  it('is withdrawn once, with a reason; one that nobody had is told to nobody', () => {
    const by = { byName: 'Тестов', reason: 'ошибка' };
    expect(withdraw(issued(null), by, NOW_MS + 1)).toMatchObject({ releasedAtMs: NOW_MS, reason: 'ошибка' });
    const gone = withdraw(issued(NOW_MS + 1_000), by, NOW_MS + 1);
    expect(gone).toMatchObject({ status: 'withdrawn', releasedAtMs: null });
    expect(gone).not.toHaveProperty('releaseAtMs');
    expect(() => withdraw(gone, by, NOW_MS)).toThrow(refused('publication_withdrawn'));
  });

  it('has limits on every text, at their edges', () => {
    const input = {
      ...{ unit: '48', procedure: null, kind: 'letter', title: 'x'.repeat(TITLE_CHARS_MAX) },
      ...{ text: 'x'.repeat(TEXT_CHARS_MAX), stage: 'x'.repeat(STAGE_CHARS_MAX), files: Array(FILES_MAX).fill('f') },
      ...{ asksConfirmation: false, releaseAtMs: null, scope: 'next', units: null },
    };
    expect(publicationInputSchema.safeParse(input).success).toBe(true);
    for (const [field, value] of [
      ['title', `${input.title}x`],
      ['title', 'xx'],
      ['title', '   '],
      ['text', `${input.text}x`],
      ['stage', `${input.stage}x`],
      ['files', Array(FILES_MAX + 1).fill('f')],
      ['unknown', 1],
    ] as const)
      expect(publicationInputSchema.safeParse({ ...input, [field]: value }).success, field).toBe(false);
    expect(publicationInputSchema.parse({ ...input, title: ' а\u0000б\nв ', text: 'а\r\nб\u0007' })).toMatchObject({
      ...{ title: 'аб в', text: 'а\nб' },
    });
  });
});

describe('the name of a file', () => {
  it.each([
    ['отчёт.pdf', 'pdf', 'отчёт.pdf'],
    ['Отчёт.PDF', 'pdf', 'Отчёт.PDF'],
    ['фото.jpeg', 'jpg', 'фото.jpeg'],
    ['отчёт.pdf.exe', 'pdf', 'отчёт.pdf.exe.pdf'],
    ['../../etc/passwd', 'zip', 'passwd.zip'],
    ['C:\\документы\\план.docx', 'docx', 'план.docx'],
    ['a\u202Efdp.exe', 'png', 'afdp.exe.png'],
    ['строка\r\nx: y.pdf', 'pdf', 'строкаx y.pdf'],
    ['', 'pdf', 'file.pdf'],
    ['.pdf', 'pdf', 'pdf.pdf'],
    ['<b>"имя"?.xlsx', 'xlsx', 'bимя.xlsx'],
  ] as const)('%j of %s is kept as %j', (raw, type, name) => {
    expect(safeFileName(raw, type)).toBe(name);
  });

  it(`has ${FILE_NAME_CHARS_MAX} characters at the most, its ending among them`, () => {
    const name = safeFileName(`${'я'.repeat(300)}.pdf`, 'pdf');
    expect(name).toHaveLength(FILE_NAME_CHARS_MAX);
    expect(name).toMatch(/я\.pdf$/);
  });
});
