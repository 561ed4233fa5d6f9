import { describe, expect, it } from 'vitest';
import { checkAttendance } from '#models/attendance/attendance.form.ts';
import { PASSWORD_ALONE_LENGTH_MIN } from '#models/password/password.ts';
import { usernameSchema } from '#models/people/person.ts';
import { organizerSchema } from '#models/participation/participation.ts';
import { procedureInputSchema } from '#models/procedure/procedure.ts';
import { contradictionsIn, missingIn, questionsOf, readAll, type Typed } from '#models/survey/questionnaire.ts';
import { STANDARD_QUESTIONNAIRE } from '#models/survey/standard.ts';
import { readAttendance } from '#exchange/read/read-attendance.ts';
import { makeTemplate } from '#exchange/write/template.ts';
import { institutionAccount, organizerOf, visitorAccounts, type Account } from './accounts.ts';
import { castOf, type Character, type FileKind } from './cast.ts';
import { createClock, workingMoment, WORKING_DAYS, WORKING_MINUTES } from './clock.ts';
import { nextDeed, type Row } from './deed.ts';
import { readForm, readPage } from './page-data.ts';
import { academicYearAt, INSTITUTIONS, localAt, monitoringAt, VISITORS_INSTITUTION } from './region.ts';
import { attendanceOf, typedRows } from './rows.ts';
import { answersOf } from './survey.ts';
import fillTemplate, { csvOf } from './workbook.ts';

const SEED = 20_261_122;
const IDENTITY = { formId: 'attendance', version: 2, procedure: 'attendance-48-2025', institution: 'i48-7' } as const;
const HEAD = { institutionName: 'МБОУ СОШ № 107', academicYear: '2025-2026' };

const CHARACTER: Character = {
  institution: 'i48-7',
  format: 'xls',
  files: ['slips', 'good'],
  forgetsTick: true,
  isDoubted: false,
  goesTo: 'report',
  opensAt: null,
};
const NOTHING: Row = {
  institution: 'i48-7',
  name: 'МБОУ СОШ № 107',
  registeredAtMs: null,
  access: null,
  progress: { phase: 'none', templateAtMs: null, reportAtMs: null, attempts: 0, errors: 0 },
};
const within = (progress: Partial<Row['progress']>, access: Row['access'] = 'activated'): Row => ({
  ...NOTHING,
  registeredAtMs: 1,
  access,
  progress: { ...NOTHING.progress, templateAtMs: access === 'activated' ? 2 : null, ...progress },
});

describe('the region', () => {
  it('has 120 institutions in 4 municipalities, each with a code and a name of its own', () => {
    expect(INSTITUTIONS).toHaveLength(120);
    expect(new Set(INSTITUTIONS.map(({ id }) => id)).size).toBe(120);
    expect(new Set(INSTITUTIONS.map(({ name }) => name)).size).toBe(120);
    expect(new Set(INSTITUTIONS.map(({ municipality }) => municipality)).size).toBe(4);
    expect(INSTITUTIONS.at(-1)).toEqual({
      municipality: 'Муниципальный округ № 4',
      id: 'i48-120',
      name: 'МБОУ СОШ № 220',
      ownership: 'municipal',
    });
  });

  it('[S4-04] answers its survey whole and without contradiction, each institution in its own way', () => {
    const all = INSTITUTIONS.map(({ id }) => {
      const typed = Object.assign({}, ...Object.values(answersOf(SEED, id))) as Record<string, Typed>;
      const { answers, problems } = readAll(questionsOf(STANDARD_QUESTIONNAIRE), typed);
      expect(problems).toEqual([]);
      expect(missingIn(STANDARD_QUESTIONNAIRE, answers)).toEqual([]);
      expect(contradictionsIn(STANDARD_QUESTIONNAIRE, answers)).toEqual([]);
      return JSON.stringify(answers);
    });
    expect(new Set(all).size).toBeGreaterThan(100);
  });

  it('monitors the last academic year that is over, with a deadline ahead', () => {
    expect(academicYearAt(Date.UTC(2026, 10, 22))).toBe(2025);
    expect(academicYearAt(Date.UTC(2026, 2, 1))).toBe(2024);
    const input = monitoringAt(Date.UTC(2026, 10, 22));
    expect(procedureInputSchema.parse(input).deadline).toBe('2026-11-27');
  });
});

describe('the cast', () => {
  it('is the same for the same seed and leaves the visitor his institution', () => {
    const cast = castOf(SEED);
    expect(castOf(SEED)).toEqual(cast);
    expect(castOf(SEED + 1)).not.toEqual(cast);
    expect(cast).toHaveLength(119);
    expect(cast.some(({ institution }) => institution === VISITORS_INSTITUTION)).toBe(false);
  });

  it('opens with reports, errors, waiting ticks and waiting registrations, and has some who never come', () => {
    const cast = castOf(SEED);
    const opening = (stage: string): number => cast.filter(({ opensAt }) => opensAt === stage).length;
    expect(opening('report')).toBeGreaterThan(15);
    for (const stage of ['registered', 'given', 'template', 'uploaded', 'failed'])
      expect(opening(stage)).toBeGreaterThan(1);
    expect(cast.filter(({ goesTo }) => goesTo === 'nothing')).toHaveLength(5);
  });

  it('ends every chain of files with a good one, but for those who give up', () => {
    for (const { files, goesTo } of castOf(SEED))
      if (goesTo === 'report') expect(['good', 'messy']).toContain(files.at(-1));
  });
});

describe('the next deed', () => {
  it('follows the row from registering to the report', () => {
    expect(nextDeed(NOTHING, CHARACTER)).toEqual({ kind: 'register' });
    expect(nextDeed(within({}, 'awaited'), CHARACTER)).toEqual({ kind: 'give' });
    expect(nextDeed(within({}, 'given'), CHARACTER)).toEqual({ kind: 'activate' });
    expect(nextDeed(within({ templateAtMs: null }), CHARACTER)).toEqual({ kind: 'template' });
    expect(nextDeed(within({}), CHARACTER)).toEqual({ kind: 'send', file: 'slips', attempt: 0, isAttested: false });
    expect(nextDeed(within({ phase: 'uploaded', attempts: 1 }), CHARACTER)).toEqual({ kind: 'attest' });
    expect(nextDeed(within({ phase: 'processing', attempts: 1 }), CHARACTER)).toBeNull();
    expect(nextDeed(within({ phase: 'failed', attempts: 1 }), CHARACTER)).toEqual({
      kind: 'correct',
      file: 'good',
      attempt: 1,
      isAttested: true,
    });
    expect(nextDeed(within({ phase: 'processed', reportAtMs: 3, attempts: 2 }), CHARACTER)?.kind).toBe('revise');
  });

  it('stays where the character stays', () => {
    expect(nextDeed(NOTHING, { ...CHARACTER, goesTo: 'nothing' })).toBeNull();
    expect(nextDeed(within({}), { ...CHARACTER, goesTo: 'template' })).toBeNull();
  });

  it('leaves alone whom the visitor turned away, and lets in whom the duty coordinator had doubted', () => {
    expect(nextDeed(within({}, 'declined'), CHARACTER)).toBeNull();
    expect(nextDeed(within({}, 'declined'), { ...CHARACTER, isDoubted: true })).toEqual({ kind: 'give' });
    expect(nextDeed(within({}, 'awaited'), { ...CHARACTER, isDoubted: true })).toEqual({ kind: 'decline' });
  });
});

describe('accounts', () => {
  it('have names, passwords and organizers that the hub takes, each its own', () => {
    const all = [
      ...Object.values<Account>({ ...visitorAccounts(SEED) }),
      ...INSTITUTIONS.map(({ id }) => institutionAccount(SEED, id)),
    ];
    for (const { username, password } of all) {
      usernameSchema.parse(username);
      expect(password.length).toBeGreaterThanOrEqual(PASSWORD_ALONE_LENGTH_MIN);
    }
    for (const { id } of INSTITUTIONS) organizerSchema.parse(organizerOf(SEED, id).fields);
    expect(new Set(INSTITUTIONS.map(({ id }) => institutionAccount(SEED, id).username)).size).toBe(120);
  });
});

describe('the clock of the opening', () => {
  const nowMs = Date.UTC(2026, 10, 22, 3);

  it('tells working hours of working days, all before today', () => {
    for (let minute = 0; minute < WORKING_DAYS * WORKING_MINUTES; minute += 97) {
      const moment = localAt(workingMoment(minute, nowMs));
      expect(moment.dayOfWeek).toBeLessThan(6);
      expect(moment.hour).toBeGreaterThanOrEqual(8);
      expect(moment.hour).toBeLessThan(18);
      expect(moment.epochMilliseconds).toBeLessThan(nowMs);
    }
  });

  it('goes forward only, and then with the real one', () => {
    const clock = createClock(() => nowMs);
    clock.moveTo(nowMs - 1_000);
    clock.moveTo(nowMs - 5_000);
    expect(clock.now()).toBe(nowMs - 1_000);
    clock.moveTo(nowMs - 500);
    expect(clock.now()).toBe(nowMs - 500);
    clock.followReal();
    expect(clock.now()).toBe(nowMs);
  });
});

describe('attendance rows', () => {
  it('keep all rules of the form for every institution', () => {
    for (const { id } of INSTITUTIONS) {
      expect(checkAttendance(attendanceOf(SEED, id, 0))).toEqual([]);
      expect(checkAttendance(attendanceOf(SEED, id, 1))).toEqual([]);
    }
  });
});

describe('filled workbooks', () => {
  async function outcomeOf(kind: FileKind, format: 'xls' | 'xlsx', institution: string) {
    const identity = { ...IDENTITY, institution };
    const rows = typedRows(SEED, institution, kind, 0);
    if (kind === 'csv') return readAttendance(csvOf(rows), identity);
    const template = await makeTemplate(identity, HEAD, format);
    return readAttendance(await fillTemplate({ template, format, rows }), identity);
  }

  it.each(['xls', 'xlsx'] as const)('are read by the hub from .%s: good and messy ones as data', async (format) => {
    const good = await outcomeOf('good', format, 'i48-7');
    expect(good).toMatchObject({ kind: 'accepted', format, notes: [] });
    const messy = await outcomeOf('messy', format, 'i48-7');
    expect(messy.kind).toBe('accepted');
    expect(messy.kind === 'accepted' && messy.notes.length).toBeGreaterThan(0);
    expect(messy.kind === 'accepted' && messy.rows).toEqual(good.kind === 'accepted' && good.rows);
  });

  it('with slips, a lost half-year or under a false name are refused with their errors, for any institution', async () => {
    for (const { id } of INSTITUTIONS.slice(0, 12))
      for (const kind of ['slips', 'halfYearLost', 'csv'] as const)
        expect((await outcomeOf(kind, 'xls', id)).kind, `${id} ${kind} seed ${SEED}`).toBe('refused');
  });
});

describe('what the pages answer', () => {
  it('is put together from its flat list', () => {
    const page = {
      type: 'data',
      nodes: [null, { type: 'data', data: [{ rows: 1, gone: -1 }, [2], { name: 3, at: 4 }, 'A', null] }],
    };
    expect(readPage(page)).toEqual({ kind: 'data', data: { rows: [{ name: 'A', at: null }], gone: undefined } });
    expect(readPage({ type: 'redirect', location: '/sign-in' })).toEqual({ kind: 'redirect', location: '/sign-in' });
  });

  it('names the refusal of a form', () => {
    const data = JSON.stringify([{ refusal: 1 }, { code: 2, params: 3 }, 'window_closed', {}]);
    expect(readForm({ type: 'failure', status: 403, data })).toEqual({ kind: 'refused', code: 'window_closed' });
    expect(readForm({ type: 'success', status: 204 })).toEqual({ kind: 'done', data: null });
  });
});
