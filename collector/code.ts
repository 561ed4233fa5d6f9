/**
 * What a printed page says of itself: whose it is and which page of which form, in twenty signs. The same signs stand in the DataMatrix,
 * in the QR and, for the eye, beside them; no name is among them (S1-04, S1-12). Pure, browser-safe.
 *
 * Sixteen signs of five bits carry the payload, four are a Reed–Solomon checksum over GF(32): any four wrong signs are noticed, hence any
 * two neighbours that changed places, and a text of chance passes once in a million.
 */
import { z } from 'zod';

export const PROCEDURE_NUMBER_MAX = 0xffff;
export const INSTITUTION_NUMBER_MAX = 0xff_ffff;
export const HOLDER_NUMBER_MAX = 0x7_ffff;
export const FORM_NUMBER_MAX = 0xff;
export const VERSION_MAX = 0x3f;
export const PAGE_NUMBER_MAX = 0x1f;

/** Whose page it is within its institution. The hub gives the numbers; a key list, kept apart, says which participant has which. */
export const HOLDER_KINDS = [
  /** A participant's own page; the number is the participant code. */
  'participant',
  /** A spare; the number is its serial, one for all pages of a set. */
  'spare',
  /** A page about a room: attendance sheet, conduct protocol; the number is that of the room. */
  'room',
  /** The cover of a batch; the number is that of the batch. */
  'batch',
] as const;
export type HolderKind = (typeof HOLDER_KINDS)[number];

export const pageCodeSchema = z.strictObject({
  procedure: z.int().min(0).max(PROCEDURE_NUMBER_MAX),
  institution: z.int().min(0).max(INSTITUTION_NUMBER_MAX),
  holder: z.strictObject({ kind: z.enum(HOLDER_KINDS), number: z.int().min(0).max(HOLDER_NUMBER_MAX) }),
  /** `FormDefinition.number`. */
  form: z.int().min(1).max(FORM_NUMBER_MAX),
  version: z.int().min(1).max(VERSION_MAX),
  page: z.int().min(1).max(PAGE_NUMBER_MAX),
});
export type PageCode = z.infer<typeof pageCodeSchema>;

/** Digits and letters without I, L, O and U, which are taken for others. */
export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const CODE_CHARS = 20;
const DATA_SIGNS = 16;
const CHECK_SIGNS = CODE_CHARS - DATA_SIGNS;
const GROUP_CHARS = 4;

/** Fields in the order of the signs, with their bits: eighty together. */
const FIELD_BITS = { procedure: 16, institution: 24, holderKind: 2, holder: 19, form: 8, version: 6, page: 5 } as const;
type Figures = Record<keyof typeof FIELD_BITS, number>;

/** What is added to the checksum, so that signs all alike are no code. */
const CHECK_MASK = [21, 10, 29, 6] as const;

/** The twenty signs of a page. Errors: ZodError for figures out of range. */
export function encode(code: PageCode): string {
  const { holder, ...rest } = pageCodeSchema.parse(code);
  const figures: Figures = { ...rest, holderKind: HOLDER_KINDS.indexOf(holder.kind), holder: holder.number };
  let packed = 0n;
  for (const [field, bits] of fieldBits()) packed = (packed << BigInt(bits)) | BigInt(figures[field]);
  const data = Array.from({ length: DATA_SIGNS }, (_, at) =>
    Number((packed >> BigInt(5 * (DATA_SIGNS - 1 - at))) & 31n),
  );
  return [...data, ...checkSigns(data)].map((sign) => ALPHABET.charAt(sign)).join('');
}

/** The page that exactly these twenty signs name; null when they name none. */
export function decode(text: string): PageCode | null {
  const parsed = parseTypedCode(text);
  return text.length === CODE_CHARS && parsed.kind === 'code' && parsed.text === text ? parsed.code : null;
}

/** As it is printed for the eye: `K7QF 2M9X 04HC 8RTV 3WNA`. */
export function spell(text: string): string {
  return text.match(new RegExp(`.{1,${GROUP_CHARS}}`, 'g'))?.join(' ') ?? '';
}

export type TypedCode =
  | { kind: 'code'; code: PageCode; text: string }
  /** Another number of signs than twenty. */
  | { kind: 'length'; chars: number }
  /** A sign that stands in no code; `at` counts from 0 in what was typed. */
  | { kind: 'sign'; at: number }
  /** At least one sign is wrong, or two changed places. */
  | { kind: 'checksum' };

/**
 * What a person typed from the paper: small letters, spaces and hyphens, O for 0, I or L for 1, and Cyrillic letters that look like Latin
 * ones are all taken as meant.
 */
export function parseTypedCode(typed: string): TypedCode {
  const signs: number[] = [];
  for (const [at, char] of Array.from(typed).entries()) {
    if (/[\s\p{Dash}_.]/u.test(char)) continue;
    const upper = char.toUpperCase();
    const sign = ALPHABET.indexOf(LOOKALIKES[upper] ?? upper);
    if (sign < 0) return { kind: 'sign', at };
    signs.push(sign);
  }
  if (signs.length !== CODE_CHARS) return { kind: 'length', chars: signs.length };
  const data = signs.slice(0, DATA_SIGNS);
  if (checkSigns(data).some((sign, at) => sign !== signs[DATA_SIGNS + at])) return { kind: 'checksum' };
  const code = unpack(data);
  // Figures that no page has: the checksum was met by chance.
  if (!code) return { kind: 'checksum' };
  return { kind: 'code', code, text: signs.map((sign) => ALPHABET.charAt(sign)).join('') };
}

/** Whether two codes name pages of the same work: everything but the page is equal. */
export function isSameWork(one: PageCode, other: PageCode): boolean {
  return encode({ ...one, page: 1 }) === encode({ ...other, page: 1 });
}

const LOOKALIKES: Partial<Record<string, string>> = {
  ...{ O: '0', I: '1', L: '1', О: '0', І: '1', З: '3', А: 'A', В: 'B', С: 'C', Е: 'E', Н: 'H', К: 'K', М: 'M', Р: 'P' },
  ...{ Т: 'T', У: 'Y', Х: 'X' },
};

const fieldBits = (): [keyof Figures, number][] => Object.entries(FIELD_BITS) as [keyof Figures, number][];

function unpack(data: readonly number[]): PageCode | null {
  let packed = data.reduce((sum, sign) => (sum << 5n) | BigInt(sign), 0n);
  const figures = { ...FIELD_BITS } as Figures;
  for (const [field, bits] of fieldBits().reverse()) {
    figures[field] = Number(packed & ((1n << BigInt(bits)) - 1n));
    packed >>= BigInt(bits);
  }
  const { holderKind, holder, ...rest } = figures;
  const parsed = pageCodeSchema.safeParse({ ...rest, holder: { kind: HOLDER_KINDS[holderKind], number: holder } });
  return parsed.success ? parsed.data : null;
}

/* ---- Reed–Solomon over GF(32), x⁵ + x² + 1; generator with the roots α … α⁴ ---- */

const EXPONENTS: number[] = [];
const LOGARITHMS: number[] = [];
for (let power = 0, value = 1; power < 31; power++) {
  EXPONENTS[power] = value;
  LOGARITHMS[value] = power;
  value = value << 1 > 31 ? (value << 1) ^ 0b100101 : value << 1;
}

const times = (one: number, other: number): number =>
  one === 0 || other === 0 ? 0 : (EXPONENTS[((LOGARITHMS[one] ?? 0) + (LOGARITHMS[other] ?? 0)) % 31] ?? 0);

/** Coefficients after the leading one, highest first. */
const GENERATOR = makeGenerator();
function makeGenerator(): number[] {
  let polynomial = [1];
  for (let root = 1; root <= CHECK_SIGNS; root++) {
    const shifted = [...polynomial, 0];
    polynomial = shifted.map((value, at) => value ^ times(polynomial[at - 1] ?? 0, EXPONENTS[root] ?? 0));
  }
  return polynomial.slice(1);
}

function checkSigns(data: readonly number[]): number[] {
  let rest = new Array<number>(CHECK_SIGNS).fill(0);
  for (const sign of data) {
    const lead = sign ^ (rest[0] ?? 0);
    rest = GENERATOR.map((coefficient, at) => (rest[at + 1] ?? 0) ^ times(lead, coefficient));
  }
  return rest.map((sign, at) => sign ^ (CHECK_MASK[at] ?? 0));
}
