/**
 * A form as data: what is printed where, and what the reader finds there. Printer, reader and desk use the same definition, so a new form is
 * a new file in `forms/` and nothing else. Positions are millimetres from the top left corner of the upright page. Pure, browser-safe.
 */
import { z } from 'zod';
import { FORM_NUMBER_MAX, PAGE_NUMBER_MAX, VERSION_MAX } from './code.ts';

/** A4, upright: every page that the hub prints. */
export const PAGE_MM = { width: 210, height: 297 } as const;
/** What printing leaves to squares, codes and heading; fields stand within. */
export const FIELD_AREA_MM = { x: 18, y: 46, width: 174, height: 220 } as const;

export const FIELDS_MAX = 200;
export const OPTIONS_MAX = 12;

const millimetres = z.number().min(0).max(PAGE_MM.height);
const boxSchema = z.strictObject({ x: millimetres, y: millimetres, width: millimetres, height: millimetres });
/** Millimetres on the page. */
export type Box = z.infer<typeof boxSchema>;

const keySchema = z.string().regex(/^[a-z][a-zA-Z0-9-]{0,39}$/);
const optionSchema = z.strictObject({ key: keySchema, label: z.string().min(1).max(40), box: boxSchema });
/** A place that is left empty or filled in. */
export type MarkOption = z.infer<typeof optionSchema>;
const optionsSchema = z.array(optionSchema).min(1).max(OPTIONS_MAX);

/** What an attendance mark may say. */
export const ATTENDANCES = ['attended', 'absent', 'late'] as const;
export type Attendance = (typeof ATTENDANCES)[number];

const labelSchema = z.string().min(1).max(200);
const fieldSchema = z.discriminatedUnion('kind', [
  /**
   * A question with one answer. Where there is a row of corrections, whatever is marked there holds and the first row is void: the
   * participant can change his mind once, and need not rub anything out.
   */
  z.strictObject({
    kind: z.literal('choice'),
    key: keySchema,
    label: labelSchema,
    options: optionsSchema,
    correction: optionsSchema.nullable(),
  }),
  /**
   * Whether somebody was there: the holder of the page (`row` null), or whoever the printed list has in this row, counted from 1. Which
   * participant stood in which row is what the hub printed and keeps with the print.
   */
  z.strictObject({
    kind: z.literal('attendance'),
    key: keySchema,
    label: labelSchema,
    row: z.int().min(1).max(60).nullable(),
    options: z.array(optionSchema.extend({ key: z.enum(ATTENDANCES) })).min(1),
  }),
  /** Written by hand and judged by experts, double-blind (S1-54): the reader only says whether anything is written. */
  z.strictObject({
    kind: z.literal('freeAnswer'),
    key: keySchema,
    label: labelSchema,
    box: boxSchema,
    pointsMax: z.int().min(1).max(100),
  }),
  /** Written by hand for people to read: a figure of the cover, a name of a room, a signature. */
  z.strictObject({ kind: z.literal('text'), key: keySchema, label: labelSchema, box: boxSchema }),
]);
export type FormField = z.infer<typeof fieldSchema>;
export type FieldOf<Kind extends FormField['kind']> = Extract<FormField, { kind: Kind }>;

const pageSchema = z.strictObject({
  number: z.int().min(1).max(PAGE_NUMBER_MAX),
  /** The sheet of paper, counted from 1, and its side: printed on both sides, a page comes with its other side. */
  sheet: z.int().min(1).max(PAGE_NUMBER_MAX),
  side: z.enum(['front', 'back']),
  /** Said on the page, above the fields. */
  instruction: z.string().max(600),
  fields: z.array(fieldSchema).max(FIELDS_MAX),
});
export type FormPage = z.infer<typeof pageSchema>;

/** What a form is for: the hub chooses by it which form belongs to what. */
export const FORM_PURPOSES = ['answers', 'protocol', 'attendance', 'cover', 'spare'] as const;
export type FormPurpose = (typeof FORM_PURPOSES)[number];

export const formSchema = z
  .strictObject({
    id: keySchema,
    /** As in `PageCode.form`: never given to another form. */
    number: z.int().min(1).max(FORM_NUMBER_MAX),
    version: z.int().min(1).max(VERSION_MAX),
    purpose: z.enum(FORM_PURPOSES),
    title: z.string().min(1).max(120),
    pages: z.array(pageSchema).min(1).max(PAGE_NUMBER_MAX),
  })
  .superRefine((form, context) => {
    for (const message of faultsOf(form)) context.addIssue({ code: 'custom', message });
  });
export type FormDefinition = z.infer<typeof formSchema>;

/** Everything a field prints on the page. */
export function boxesOf(field: FormField): Box[] {
  switch (field.kind) {
    case 'choice':
      return [...field.options, ...(field.correction ?? [])].map(({ box }) => box);
    case 'attendance':
      return field.options.map(({ box }) => box);
    case 'freeAnswer':
    case 'text':
      return [field.box];
    default:
      return field satisfies never;
  }
}

/** The rectangle around a field: what is cut out of the page for a person. */
export function aroundField(field: FormField, paddingMm = 3): Box {
  const boxes = boxesOf(field);
  const x = Math.min(...boxes.map((box) => box.x)) - paddingMm;
  const y = Math.min(...boxes.map((box) => box.y)) - paddingMm;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + paddingMm;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + paddingMm;
  return {
    ...{ x: Math.max(0, x), y: Math.max(0, y) },
    width: Math.min(PAGE_MM.width, right) - Math.max(0, x),
    height: Math.min(PAGE_MM.height, bottom) - Math.max(0, y),
  };
}

/** The form of exactly this number and version, or the newest of the number when there is no such version. */
export function findForm(
  forms: readonly FormDefinition[],
  number: number,
  version: number,
): { form: FormDefinition; isExact: boolean; newest: number } | null {
  const versions = forms.filter((form) => form.number === number).sort((one, other) => other.version - one.version);
  const [newest] = versions;
  if (!newest) return null;
  const exact = versions.find((form) => form.version === version);
  return { form: exact ?? newest, isExact: exact !== undefined, newest: newest.version };
}

/** What no schema of a part can see: pages out of order, keys that meet twice, boxes beyond the area or over each other. */
function faultsOf(form: { pages: readonly FormPage[] }): string[] {
  const faults: string[] = [];
  const keys = new Set<string>();
  for (const [at, page] of form.pages.entries()) {
    if (page.number !== at + 1) faults.push(`page ${page.number} stands at place ${at + 1}`);
    const boxes: Box[] = [];
    for (const field of page.fields) {
      if (keys.has(field.key)) faults.push(`${field.key} stands twice`);
      keys.add(field.key);
      for (const box of boxesOf(field)) {
        if (!isWithin(box, FIELD_AREA_MM)) faults.push(`${field.key} leaves the area of fields`);
        if (boxes.some((other) => overlap(box, other))) faults.push(`${field.key} lies over another`);
        boxes.push(box);
      }
    }
  }
  return faults;
}

function isWithin(box: Box, area: Box): boolean {
  return (
    box.x >= area.x &&
    box.y >= area.y &&
    box.x + box.width <= area.x + area.width &&
    box.y + box.height <= area.y + area.height
  );
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
