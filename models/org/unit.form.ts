/**
 * The list of units as a file: its columns, how people write what stands in them, and its limits. Template, reader, findings and
 * export all come from here, so that what is exported can be imported. Pure and browser-safe.
 */
import {
  isZone,
  UNIT_ID_CHARS_MAX,
  UNIT_NAME_CHARS_MAX,
  UNIT_NAME_CHARS_MIN,
  UNIT_SHORT_NAME_CHARS_MAX,
  unitIdSchema,
  type Ownership,
  type UnitKind,
  type UnitStatus,
} from './unit.ts';

export const UNITS_SHEET = 'Организации';
/** A file is kept as one document of the store, which takes 16 MiB. */
export const UNITS_FILE_BYTES_MAX = 15 * 1024 * 1024;
export const UNITS_ROWS_MAX = 50_000;
export const UNITS_EXPANDED_BYTES_MAX = 256 * 1024 * 1024;
export const UNITS_READ_SECONDS_MAX = 60;
export const UNITS_WRITE_SECONDS_MAX = 120;

/** A row as read: what is absent was left blank, or has no column in the file. */
export interface UnitRow {
  code: string;
  kind: UnitKind;
  name: string;
  shortName?: string | null;
  parent?: string | null;
  zone?: string | null;
  status?: UnitStatus['status'] | null;
  successor?: string | null;
  ownership?: Ownership | null;
}
export type UnitKey = keyof UnitRow;

export type UnitColumnType =
  | { kind: 'text'; charsMin: number; charsMax: number }
  | { kind: 'term'; read: (text: string) => string | null; unreadable: UnitTermCode };
export type UnitTermCode =
  'unit_code_unreadable' | 'unit_kind_unknown' | 'unit_zone_unknown' | 'unit_status_unknown' | 'unit_ownership_unknown';

export interface UnitColumn {
  key: UnitKey;
  heading: string;
  type: UnitColumnType;
  example: string;
  /** Whether a cell may be blank. */
  isOptional: boolean;
  /** Whether the whole column may lack: then what the hub knows stays as it is. */
  isOmittable: boolean;
}

/** How each kind is written; the first is the form's own word. */
export const KIND_WORDS: Readonly<Record<UnitKind, readonly [string, ...string[]]>> = {
  federation: ['Федеральный уровень', 'Федерация'],
  region: ['Регион', 'Субъект Российской Федерации', 'Субъект РФ'],
  municipality: ['Муниципалитет', 'Муниципальное образование', 'МОУО', 'АТЕ'],
  institution: ['Организация', 'Общеобразовательная организация', 'ОО', 'Школа'],
  college: ['Колледж', 'ОО СПО', 'СПО', 'Техникум'],
  examPoint: ['Пункт проведения экзаменов', 'ППЭ'],
  scanningCentre: ['Центр сканирования', 'РЦОИ'],
};
export const STATUS_WORDS: Readonly<Record<UnitStatus['status'], readonly [string, ...string[]]>> = {
  active: ['действует', 'активна', 'работает'],
  merged: ['присоединена', 'присоединён', 'объединена'],
  closed: ['закрыта', 'закрыт', 'ликвидирована'],
};

export const OWNERSHIP_WORDS: Readonly<Record<Ownership, readonly [string, ...string[]]>> = {
  state: ['государственная', 'государственное', 'региональная'],
  municipal: ['муниципальная', 'муниципальное'],
  private: ['частная', 'частное', 'негосударственная'],
};

const plain = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replaceAll('ё', 'е').replace(/\s+/g, ' ').trim();

function reader<Key extends string>(words: Readonly<Record<Key, readonly string[]>>): (text: string) => Key | null {
  const known = new Map<string, Key>();
  for (const key of Object.keys(words) as Key[]) for (const word of words[key]) known.set(plain(word), key);
  return (text) => known.get(plain(text)) ?? null;
}

/** A code as people write it: case and spaces at its ends do not matter. */
export function readCode(text: string): string | null {
  const code = text.normalize('NFKC').trim().toLowerCase();
  return unitIdSchema.safeParse(code).success ? code : null;
}

/** Whose an institution is, as people write it. */
export const readOwnership = reader(OWNERSHIP_WORDS);
const readZone = (text: string): string | null => (isZone(text.trim()) ? text.trim() : null);
const code = { kind: 'term', read: readCode, unreadable: 'unit_code_unreadable' } as const;

export const UNIT_COLUMNS: readonly UnitColumn[] = [
  { key: 'code', heading: 'Код', type: code, example: '480101', isOptional: false, isOmittable: false },
  {
    key: 'kind',
    heading: 'Вид',
    type: { kind: 'term', read: reader(KIND_WORDS), unreadable: 'unit_kind_unknown' },
    example: KIND_WORDS.institution[0],
    isOptional: false,
    isOmittable: false,
  },
  {
    key: 'name',
    heading: 'Название',
    type: { kind: 'text', charsMin: UNIT_NAME_CHARS_MIN, charsMax: UNIT_NAME_CHARS_MAX },
    example: 'МБОУ СОШ № 101',
    isOptional: false,
    isOmittable: false,
  },
  {
    key: 'shortName',
    heading: 'Краткое название',
    type: { kind: 'text', charsMin: 0, charsMax: UNIT_SHORT_NAME_CHARS_MAX },
    example: 'СОШ № 101',
    isOptional: true,
    isOmittable: true,
  },
  { key: 'parent', heading: 'Код вышестоящей', type: code, example: '48-m1', isOptional: true, isOmittable: false },
  {
    key: 'zone',
    heading: 'Часовой пояс',
    type: { kind: 'term', read: readZone, unreadable: 'unit_zone_unknown' },
    example: 'Europe/Moscow',
    isOptional: true,
    isOmittable: true,
  },
  {
    key: 'status',
    heading: 'Состояние',
    type: { kind: 'term', read: reader(STATUS_WORDS), unreadable: 'unit_status_unknown' },
    example: STATUS_WORDS.active[0],
    isOptional: true,
    isOmittable: true,
  },
  { key: 'successor', heading: 'Код преемника', type: code, example: '480102', isOptional: true, isOmittable: true },
  {
    key: 'ownership',
    heading: 'Форма собственности',
    type: { kind: 'term', read: readOwnership, unreadable: 'unit_ownership_unknown' },
    example: OWNERSHIP_WORDS.municipal[0],
    isOptional: true,
    isOmittable: true,
  },
];

export const UNIT_CODE_CHARS_MAX = UNIT_ID_CHARS_MAX;

/** A row as the form writes it, in the order of the columns. */
export function writeRow(row: UnitRow): string[] {
  return UNIT_COLUMNS.map(({ key }) => {
    const value = row[key];
    if (value === undefined || value === null) return '';
    if (key === 'kind') return KIND_WORDS[row.kind][0];
    if (key === 'ownership') return row.ownership ? OWNERSHIP_WORDS[row.ownership][0] : '';
    if (key === 'status') return STATUS_WORDS[row.status ?? 'active'][0];
    return value;
  });
}
