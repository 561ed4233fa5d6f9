/** From bytes to rows or reasons, for any form. Runs in a worker thread; never throws for a bad file. */
import { FINDINGS_LISTED_MAX } from '#models/attendance/attendance.form.ts';
import type { Finding } from '#models/attendance/workbook.ts';
import { type Cell, cellText, isBlankCell, type OpenWorkbook, type SheetSink, shownValue } from '../cells.ts';
import type { FileLimits, FormDefinition, ReadValues } from '../form.ts';
import {
  ERROR_HEADINGS,
  IDENTITY_SHEET,
  INSTRUCTION_SHEET,
  parseIdentityRows,
  type WrittenIdentity,
} from '../identity.ts';
import { FormReader, type FormReading } from './form-reader.ts';
import { FileRefusal } from './refusal.ts';
import { sniffContent } from './sniff.ts';
import { openXls } from './xls.ts';
import { openXlsx } from './xlsx.ts';

const IDENTITY_ROWS_MAX = 40;
const MEGABYTE = 1024 * 1024;

export type FormOutcome =
  | { kind: 'accepted'; format: 'xls' | 'xlsx'; rows: ReadValues[]; notes: Finding[] }
  | { kind: 'refused'; format: 'xls' | 'xlsx' | null; findings: Finding[] };

export interface ExpectedIdentity {
  procedure: string;
  institution: string;
}

export async function readForm(
  bytes: Uint8Array,
  form: FormDefinition,
  expected: ExpectedIdentity,
  limits: FileLimits,
): Promise<FormOutcome> {
  let workbook: OpenWorkbook | null = null;
  try {
    workbook = formatOf(bytes, limits) === 'xls' ? openXls(bytes) : await openXlsx(bytes, limits);
    return await readWorkbook(workbook, form, expected);
  } catch (error) {
    // Whatever else a parser stumbles over is the file's fault as far as its sender is concerned: it cannot be read.
    const { code, params } = error instanceof FileRefusal ? error : new FileRefusal('file_corrupt');
    return { kind: 'refused', format: null, findings: [wholeFile(code, params)] };
  } finally {
    workbook?.close();
  }
}

/** The format by content, or the refusal that names what it is instead. */
export function formatOf(bytes: Uint8Array, limits: FileLimits): 'xls' | 'xlsx' {
  if (bytes.byteLength === 0) throw new FileRefusal('file_empty');
  const content = sniffContent(bytes);
  if (content.kind === 'other') throw new FileRefusal('file_not_spreadsheet', { looksLike: content.looksLike });
  if (content.kind === 'oldExcel') throw new FileRefusal('file_excel_old', { program: content.program });
  if (bytes.byteLength > limits.fileBytesMax)
    throw new FileRefusal('file_too_big', {
      mb: Math.ceil(bytes.byteLength / MEGABYTE),
      mbMax: Math.floor(limits.fileBytesMax / MEGABYTE),
    });
  return content.kind === 'xls' ? 'xls' : 'xlsx';
}

async function readWorkbook(
  workbook: OpenWorkbook,
  form: FormDefinition,
  expected: ExpectedIdentity,
): Promise<FormOutcome> {
  const { format } = workbook;
  const sheetIndex = (name: string): number => workbook.sheets.findIndex((sheet) => isSameSheet(sheet.name, name));
  const hidden = await readIdentitySheet(workbook, sheetIndex(IDENTITY_SHEET));
  const dataIndex = sheetIndex(form.dataSheet);
  if (dataIndex === -1) {
    const findings = hidden.identity
      ? checkIdentity([hidden.identity], form, expected)
      : [wholeFile('form_missing', {})];
    return {
      kind: 'refused',
      format,
      findings: findings.length > 0 ? findings : [wholeFile('sheet_missing', { sheet: form.dataSheet })],
    };
  }
  const reader = new FormReader(
    form,
    workbook.sheets[dataIndex]?.name ?? form.dataSheet,
    workbook.date1904,
    hidden.errorsHeading === undefined ? [] : [hidden.errorsHeading],
  );
  const { merges } = await workbook.readSheet(dataIndex, reader);
  const reading = reader.end(merges);

  const identities = [hidden.identity, reading.headIdentity].filter((identity) => identity !== null);
  const identityFindings = checkIdentity(identities, form, expected);
  if (identityFindings.length > 0) return { kind: 'refused', format, findings: identityFindings };

  const own = [form.dataSheet, IDENTITY_SHEET, INSTRUCTION_SHEET, ...ERROR_HEADINGS, hidden.errorsSheet ?? ''];
  const sheetNotes = await noteOtherSheets(workbook, own);
  return conclude(format, reading, sheetNotes);
}

function conclude(format: 'xls' | 'xlsx', reading: FormReading, sheetNotes: Finding[]): FormOutcome {
  const notes = [...reading.notes, ...sheetNotes];
  const noteCount = reading.noteCount + sheetNotes.length;
  if (reading.errorCount === 0)
    return { kind: 'accepted', format, rows: reading.rows, notes: listed(notes, noteCount) };
  return {
    kind: 'refused',
    format,
    findings: listed([...reading.errors, ...notes], reading.errorCount + noteCount),
  };
}

/** Errors come first, so the cut takes notes before it takes them. */
export function listed(findings: Finding[], total: number): Finding[] {
  if (total <= FINDINGS_LISTED_MAX) return findings;
  const cut: Finding = {
    code: 'note_findings_cut',
    severity: 'note',
    params: { findingsMax: FINDINGS_LISTED_MAX, total },
  };
  return [...findings.slice(0, FINDINGS_LISTED_MAX), cut];
}

interface HiddenIdentity {
  identity: WrittenIdentity | null;
  errorsHeading: string | undefined;
  errorsSheet: string | undefined;
}

async function readIdentitySheet(workbook: OpenWorkbook, index: number): Promise<HiddenIdentity> {
  const pairs = new Map<string, string>();
  if (index !== -1) {
    const textOf = (cell: Cell | undefined): string => cellText(cell, workbook.date1904).trim().slice(0, 200);
    await workbook.readSheet(index, {
      row: (rowNumber, [key, value]) => {
        if (textOf(key) !== '' && !pairs.has(textOf(key))) pairs.set(textOf(key), textOf(value));
        return rowNumber < IDENTITY_ROWS_MAX;
      },
    });
  }
  return {
    identity: parseIdentityRows(pairs),
    errorsHeading: pairs.get('errorsHeading'),
    errorsSheet: pairs.get('errorsSheet'),
  };
}

/** Every identity written in the file must be the expected one; the first that is not is named. */
function checkIdentity(
  identities: readonly WrittenIdentity[],
  form: FormDefinition,
  expected: ExpectedIdentity,
): Finding[] {
  if (identities.length === 0) return [wholeFile('form_missing', {})];
  for (const { form: formId, version, procedure, institution } of identities) {
    if (formId !== form.formId) return [wholeFile('form_foreign', { form: shownValue(formId) })];
    if (version !== form.version)
      return [
        wholeFile(version < form.version ? 'form_version_old' : 'form_version_unknown', {
          version,
          versionNow: form.version,
        }),
      ];
    const findings: Finding[] = [];
    if (institution !== expected.institution)
      findings.push(wholeFile('institution_foreign', { institution: shownValue(institution) }));
    if (procedure !== expected.procedure)
      findings.push(wholeFile('procedure_foreign', { procedure: shownValue(procedure) }));
    if (findings.length > 0) return findings;
  }
  return [];
}

/** Sheets that are not ours are not read; their owner is told, unless there is nothing in them. */
async function noteOtherSheets(workbook: OpenWorkbook, own: readonly string[]): Promise<Finding[]> {
  const notes: Finding[] = [];
  for (const [index, sheet] of workbook.sheets.entries()) {
    if (own.some((name) => isSameSheet(name, sheet.name))) continue;
    if (!sheet.isHidden && !(await hasContent(workbook, index))) continue;
    const params = { sheet: shownValue(sheet.name) };
    notes.push({
      code: sheet.isHidden ? 'note_hidden_sheet' : 'note_sheet_extra',
      severity: 'note',
      sheet: shownValue(sheet.name),
      params,
    });
  }
  return notes;
}

async function hasContent(workbook: OpenWorkbook, index: number): Promise<boolean> {
  let isFilled = false;
  const sink: SheetSink = {
    row: (_, cells) => {
      isFilled = cells.some((cell) => !isBlankCell(cell));
      return !isFilled;
    },
  };
  await workbook.readSheet(index, sink).catch(() => undefined);
  return isFilled;
}

function isSameSheet(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

export function wholeFile(code: Finding['code'], params: Finding['params']): Finding {
  return { code, severity: 'error', params };
}
