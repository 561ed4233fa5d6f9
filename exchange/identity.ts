/**
 * Whose file it is, written twice: in a hidden sheet for the reader and in the head rows for people. A file that lost the sheet
 * is still known by its head; where the two differ, the data was pasted from another's file.
 */

export interface WrittenIdentity {
  form: string;
  version: number;
  procedure: string;
  institution: string;
}

export const IDENTITY_SHEET = 'svod';
export const INSTRUCTION_SHEET = 'Как заполнить';
/** Names that our annotated files give to the added column and sheet, in every language of the hub. */
export const ERROR_HEADINGS: readonly string[] = ['Ошибки', 'Errors'];

const IDENTITY_LINE = /форма\s+(\S+)\s*·\s*версия\s+(\d{1,6})\s*·\s*мониторинг\s+(\S+)\s*·\s*организация\s+(\S+)/iu;

export function identityLine({ form, version, procedure, institution }: WrittenIdentity): string {
  return `Форма ${form} · версия ${version} · мониторинг ${procedure} · организация ${institution}`;
}

export function parseIdentityLine(text: string): WrittenIdentity | null {
  if (text.length > 1_000) return null;
  const match = IDENTITY_LINE.exec(text);
  if (!match) return null;
  const [, form = '', version = '', procedure = '', institution = ''] = match;
  return { form, version: Number(version), procedure, institution };
}

/** The rows of the hidden sheet. The errors heading is there only in an annotated file. */
export function identityRows(identity: WrittenIdentity, annotation?: { heading: string; sheet: string }): string[][] {
  return [
    ['form', identity.form],
    ['version', String(identity.version)],
    ['procedure', identity.procedure],
    ['institution', identity.institution],
    ...(annotation ? annotationRows(annotation) : []),
  ];
}

export function annotationRows(annotation: { heading: string; sheet: string }): string[][] {
  return [
    ['errorsHeading', annotation.heading],
    ['errorsSheet', annotation.sheet],
  ];
}

/** From the rows of the hidden sheet; null when it is not all there. */
export function parseIdentityRows(pairs: ReadonlyMap<string, string>): WrittenIdentity | null {
  const form = pairs.get('form');
  const version = Number(pairs.get('version'));
  const procedure = pairs.get('procedure');
  const institution = pairs.get('institution');
  if (!form || !procedure || !institution || !Number.isInteger(version)) return null;
  return { form, version, procedure, institution };
}
