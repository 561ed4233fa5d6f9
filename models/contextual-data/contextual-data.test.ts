import { describe, expect, it } from 'vitest';
import {
  APPOINTMENTS_KEPT_MAX,
  applyCabinetsFact,
  applyInstitutionFact,
  cabinetRow,
  CHANGES_SHOWN_MAX,
  connectionOf,
  contextualView,
  coordinatorAppointed,
  coordinatorOf,
  countCabinets,
  COUNTED_FIELDS,
  fieldProblems,
  fieldsEdited,
  filledCount,
  NO_FIELDS,
  noData,
  rebaseForm,
  requestIssued,
  requestMoved,
  siteUrl,
  type CabinetsPart,
  type ContextualChange,
  type ContextualData,
  type ContextualMove,
  type InstitutionState,
} from './contextual-data.ts';

const DETAILS = {
  surname: 'Тестова',
  firstName: 'Тест',
  patronymic: 'Тестовна',
  position: 'Завуч',
  phone: '+7 000 000-00-02',
  email: 'user02@example.org',
};
const CENTRE = { name: 'Тестов Тест Тестович' };
const unit = { id: 'i48-1', name: 'МБОУ СОШ № 101', order: 1 };
const connected = (person = 'p1', atMs = 10): ContextualData =>
  coordinatorAppointed(noData('i48-1'), { person, details: DETAILS }, atMs).data;
const problemsOf = (field: keyof typeof NO_FIELDS, value: string): (string | undefined)[] =>
  fieldProblems({ ...NO_FIELDS, [field]: value }).map(({ reason }) => reason);

describe('the one coordinator of an institution', () => {
  it('[S0-11] a later coordinator takes the place of the former, whose term stays in the history', () => {
    const data = coordinatorAppointed(connected(), { person: 'p2', details: DETAILS }, 50).data;
    expect(data.appointments).toEqual([
      { person: 'p1', name: 'Тестова Тест Тестовна', fromMs: 10, untilMs: 50 },
      { person: 'p2', name: 'Тестова Тест Тестовна', fromMs: 50, untilMs: null },
    ]);
    expect(coordinatorOf(data)?.person).toBe('p2');
  });

  it('[S0-11] issuing to another ends the former before the other has signed in', () => {
    const { data, change } = requestIssued(connected(), 'r1', CENTRE, 30);
    expect(coordinatorOf(data)).toBeNull();
    expect(change).toMatchObject({ kind: 'ended', coordinator: 'Тестова Тест Тестовна', byName: CENTRE.name });
    expect(connectionOf(data)).toBe('issued');
  });

  it('issuing to an institution without a coordinator changes nothing that its page shows', () => {
    expect(requestIssued(noData('i48-1'), 'r1', CENTRE, 30).change).toBeNull();
  });

  it('brings his own data into the form, and leaves the site', () => {
    const before = { ...noData('i48-1'), fields: { ...NO_FIELDS, site: 'school101.example.org' } };
    const { data, change } = coordinatorAppointed(before, { person: 'p1', details: DETAILS }, 10);
    expect(data.fields).toEqual({ site: 'school101.example.org', ...DETAILS });
    expect(change?.fields.map(({ field }) => field)).toEqual(COUNTED_AND_PATRONYMIC.slice(1));
  });

  it('keeps the latest terms only', () => {
    let data = connected();
    for (let index = 0; index < APPOINTMENTS_KEPT_MAX; index += 1)
      data = coordinatorAppointed(data, { person: `q${index}`, details: DETAILS }, 100 + index).data;
    expect(data.appointments).toHaveLength(APPOINTMENTS_KEPT_MAX);
    expect(data.appointments[0]?.person).toBe('q0');
  });
});
const COUNTED_AND_PATRONYMIC = ['site', 'surname', 'firstName', 'patronymic', 'position', 'phone', 'email'];

describe('the fields', () => {
  it('[S0-15] take what schools write', () => {
    const good = { site: 'school101.example.org', ...DETAILS, surname: 'Салтыков-Щедрин', firstName: 'Ё.' };
    expect(fieldProblems(good)).toEqual([]);
    for (const site of [
      'https://school101.example.org/',
      'http://шк1.рф',
      'example.org/school-1',
      'sub.example.org:8080',
    ])
      expect(problemsOf('site', site)).toEqual([]);
  });

  it('take nothing too, so that a form may be filled in parts', () => {
    expect(fieldProblems(NO_FIELDS)).toEqual([]);
  });

  it('[S0-14] refuse a site that leads nowhere', () => {
    for (const site of [
      'нет',
      'school',
      'ftp://school.example.org',
      'javascript:alert(1)',
      'a b.example.org',
      'u:p@example.org',
    ])
      expect([site, problemsOf('site', site)]).toEqual([site, ['site']]);
    expect(siteUrl('school101.example.org')).toBe('https://school101.example.org/');
    expect(siteUrl('http://school101.example.org')).toBe('http://school101.example.org/');
  });

  it('[S0-15] refuse a phone with letters, with too few digits or too many', () => {
    expect(problemsOf('phone', '12-34-5')).toEqual([]);
    expect(problemsOf('phone', '12-34')).toEqual(['digits']);
    expect(problemsOf('phone', '+7 (000) 000-00-02')).toEqual([]);
    expect(problemsOf('phone', '123456789012345')).toEqual([]);
    expect(problemsOf('phone', '1234567890123456')).toEqual(['digits']);
    expect(problemsOf('phone', 'звонить вечером 123456')).toEqual(['digits']);
  });

  it('[S0-15] refuse an e-mail that is none, and a name with digits', () => {
    expect(problemsOf('email', 'user02')).toEqual(['email']);
    expect(problemsOf('surname', 'Тест0ва')).toEqual(['signs']);
    expect(problemsOf('position', 'З')).toEqual(['short']);
  });

  it('refuse what is longer than the field, at its edge', () => {
    expect(problemsOf('position', 'з'.repeat(120))).toEqual([]);
    expect(problemsOf('position', 'з'.repeat(121))).toEqual(['long']);
  });

  it('tell everything that is wrong at once', () => {
    expect(fieldProblems({ ...NO_FIELDS, site: 'нет', phone: 'нет', email: 'нет' }).map(({ field }) => field)).toEqual([
      'site',
      'phone',
      'email',
    ]);
  });
});

describe('a change of the data', () => {
  it('[S0-12] says who changed what, when, and what was before', () => {
    const before = connected();
    const move = fieldsEdited(before, { ...before.fields, site: 'school101.example.org' }, CENTRE, 70);
    expect(move?.change).toEqual({
      id: 'i48-1.2',
      institution: 'i48-1',
      dataRev: 2,
      atMs: 70,
      byName: CENTRE.name,
      kind: 'edited',
      coordinator: null,
      fields: [{ field: 'site', before: '', after: 'school101.example.org' }],
    });
  });

  it('is none when nothing is different', () => {
    const data = connected();
    expect(fieldsEdited(data, { ...data.fields }, CENTRE, 70)).toBeNull();
  });

  it('makes the data complete without a patronymic', () => {
    const fields = { ...NO_FIELDS, ...DETAILS, patronymic: '', site: 'school101.example.org' };
    expect(filledCount(fields)).toBe(COUNTED_FIELDS.length);
  });
});

describe('a form that somebody else overtook', () => {
  const opened = { ...NO_FIELDS, ...DETAILS };

  it('follows where the writer left alone, and asks where both changed', () => {
    const given = { ...opened, phone: '111111', position: 'Директор' };
    const now = { ...opened, phone: '222222', email: 'new@example.org', position: 'Директор' };
    expect(rebaseForm(opened, given, now)).toEqual({
      given: { ...given, email: 'new@example.org' },
      followed: ['email'],
      conflicts: ['phone'],
    });
  });

  it('is as it was when nothing else changed', () => {
    const given = { ...opened, phone: '111111' };
    expect(rebaseForm(opened, given, opened)).toEqual({ given, followed: [], conflicts: [] });
  });
});

describe('the law of live state', () => {
  const request = { id: 'r1', status: 'submitted', atMs: 5 } as const;
  const deeds: [string, ContextualData, (data: ContextualData) => ContextualMove | null][] = [
    ['a request', noData('i48-1'), (data) => requestMoved(data, request)],
    ['a declined request', requestMoved(noData('i48-1'), request).data, (data) => requestMoved(data, null)],
    ['an issued cabinet', connected(), (data) => requestIssued(data, 'r1', CENTRE, 30)],
    ['an appointment', connected(), (data) => coordinatorAppointed(data, { person: 'p2', details: DETAILS }, 50)],
    ['an edit', connected(), (data) => fieldsEdited(data, { ...data.fields, position: 'Директор' }, CENTRE, 60)],
  ];
  const earlier: ContextualChange[] = Array.from({ length: CHANGES_SHOWN_MAX }, (_, index) => ({
    id: `i48-1.-${index}`,
    institution: 'i48-1',
    dataRev: -index,
    atMs: 1,
    byName: CENTRE.name,
    kind: 'edited',
    coordinator: null,
    fields: [],
  }));

  it.each(deeds)('holds for %s: old snapshot and fact make the new snapshot', (_name, before, deed) => {
    const move = deed(before);
    if (!move) throw new Error('nothing changed');
    const { data, change } = move;
    const page: InstitutionState = { data: contextualView(before), changes: earlier };
    const now: InstitutionState = {
      data: contextualView(data),
      changes: change ? [change, ...earlier].slice(0, CHANGES_SHOWN_MAX) : earlier,
    };
    const fact = { type: 'contextualDataChanged', body: { data: contextualView(data), change } } as const;
    expect(applyInstitutionFact(page, fact)).toEqual(now);
    expect(applyInstitutionFact(now, fact)).toBe(now);

    const other = cabinetRow({ id: 'i48-2', name: 'МБОУ СОШ № 102', order: 2 }, null);
    const part = (row: ContextualData | null): CabinetsPart => ({
      parent: '48-m1',
      name: 'Округ № 1',
      order: 1,
      rows: [cabinetRow(unit, row), other],
    });
    const rowFact = { type: 'cabinetChanged', body: { row: cabinetRow(unit, data) } } as const;
    expect(applyCabinetsFact(part(before.rev === 0 ? null : before), rowFact)).toEqual(part(data));
    const after = part(data);
    expect(applyCabinetsFact(after, rowFact)).toBe(after);
  });

  it('adds an institution that the snapshot did not have', () => {
    const part = { parent: '48-m1', name: 'Округ № 1', order: 1, rows: [] };
    const row = cabinetRow(unit, connected());
    expect(applyCabinetsFact(part, { type: 'cabinetChanged', body: { row } }).rows).toEqual([row]);
  });
});

describe('the overview of cabinets', () => {
  const rows = [
    cabinetRow(unit, null),
    cabinetRow(unit, requestMoved(noData('a'), { id: 'r', status: 'submitted', atMs: 1 }).data),
    cabinetRow(unit, requestIssued(noData('b'), 'r', CENTRE, 2).data),
    cabinetRow(unit, connected()),
    cabinetRow(unit, { ...connected(), fields: { ...connected().fields, site: 'school101.example.org' } }),
    cabinetRow(unit, requestMoved(connected(), { id: 'r', status: 'submitted', atMs: 20 }).data),
  ];

  it('[S0-04] counts connected and not connected out of all', () => {
    expect(countCabinets(rows)).toEqual({
      all: 6,
      connected: 3,
      notConnected: 3,
      issued: 1,
      awaiting: 2,
      complete: 1,
    });
  });

  it('shows an institution that asks for another coordinator as connected, and as waiting for the centre', () => {
    expect(rows[5]).toMatchObject({ connection: 'connected', isAwaiting: true, sinceMs: 10 });
  });

  it('carries no personal data (domain 4.4)', () => {
    expect(JSON.stringify(rows)).not.toMatch(/Тест|example\.org|\+7/);
  });
});
