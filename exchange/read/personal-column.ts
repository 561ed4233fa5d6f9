/**
 * Whether a file carries persons (S0-01): the exchange is depersonalised, so a column of names or documents is refused before
 * anything of the file is kept. Headings decide, not values: a code may look like anything, a heading says what stands below it.
 */
import type { PersonalColumn } from '#models/attendance/workbook.ts';
import { cellAddress, cellText, isBlankCell, type OpenTable, shownValue } from '../cells.ts';
import { UNITS_LIMITS } from '../units-form.ts';
import { openTable } from './open-table.ts';

/** Rows with something in them that are looked at in each sheet: a heading stands above its column, and near the top. */
export const HEADING_ROWS_MAX = 60;
/** A longer text is a sentence, not a heading. */
export const HEADING_CHARS_MAX = 120;

/** What begins like a formula, or was guarded against being one, is a value: the hub's own lists write names so. */
const FORMULA_LIKE = /^\s*'?[=+@]/;

const COUNTED =
  / (число|численност\p{L}*|количеств\p{L}*|кол|дол[яи]|процент\p{L}*|сколько|всего|number of|count|share|percent|total) /u;
/** Contacts of those who answer for the data are allowed, by S0-01 itself; their documents are not. */
const CONTACT = /^(координатор|директор|руководител|ответственн|организатор|исполнител|coordinator|director|head$)/;
/** Somebody else's: «ФИО классного руководителя» is no contact of the institution. */
const OF_A_CLASS = /^классн/;

/** One person, as the heading of a column of persons. */
const PERSON =
  /^(ученик|ученица|обучающийся|обучающаяся|учащийся|учащаяся|школьник|школьница|студент|студентка|воспитанник|воспитанница|ребенок|выпускник|выпускница|pupil|student|child|learner)$/;
/** The same, as the one whose name or document it is. */
const OF_A_PERSON =
  /^(ученик|учениц|обучающ|учащ|школьн|студент|воспитанн|ребенк|выпускн|участник|участниц|родител|законн|представител|гражданин|pupil|student|child|learner|participant)/;
/** Words that stand beside a name or a document and say nothing else. */
const BESIDE =
  /^(и|или|его|ее|the|of|and|полное|полностью|фамили.*|имя|имени|отчеств.*|при|наличии|сери[яи]|номер|данные|рф|выдан|кем|когда|дата|выдачи|документ.*|name|number|series|data|no)$/;

const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replaceAll(/[\u00AD\u200B-\u200F\u2060\uFEFF]/g, '')
    .match(/\p{L}+/gu) ?? [];

/** Whether a heading says that names or documents of persons stand below it. */
export function isPersonalHeading(text: string): boolean {
  if (text.length > HEADING_CHARS_MAX || FORMULA_LIKE.test(text)) return false;
  const words = wordsOf(text);
  const line = ` ${words.join(' ')} `;
  if (words.length === 0 || COUNTED.test(line)) return false;
  if (namesDocument(words, line)) return true;
  const isContact = words.some((word) => CONTACT.test(word)) && !words.some((word) => OF_A_CLASS.test(word));
  return !isContact && (namesPerson(words, line) || words.every((word) => PERSON.test(word) || word === 'или'));
}

function namesPerson(words: readonly string[], line: string): boolean {
  if (
    / (фио|ф и о|ф и|и о фамилия|отчеств\p{L}*|фамили\p{L}*|surname|patronymic|lastname|firstname|fullname) /u.test(
      line,
    )
  )
    return true;
  if (/ (last|first|full|middle|family|given) name /.test(line)) return true;
  // «Имя файла» and «Имя организации» name a thing: a bare name is a person's only where nothing else is named.
  const isNamed = words.some((word) => word === 'имя' || word === 'имена' || word === 'name');
  const isBare = words.every((word) => BESIDE.test(word) || OF_A_PERSON.test(word));
  return isNamed && isBare && (!words.includes('name') || words.some((word) => OF_A_PERSON.test(word)));
}

function namesDocument(words: readonly string[], line: string): boolean {
  if (/ (снилс|snils)/.test(line)) return true;
  if (/ (дат\p{L}* рожд\p{L}*|date of birth|birth ?date|birthday) /u.test(line)) return true;
  if (/ (свидетельств\p{L}*|акт\p{L}*) (о|об) рожд/u.test(line)) return true;
  if (/ удостоверя\p{L}* личност/u.test(line)) return true;
  if (/ паспортн\p{L}* данн/u.test(line)) return true;
  // «Паспорт школы» and «Социальный паспорт класса» are no person's.
  // A bare «passport» is the name of a form.
  const isPassport =
    words.some((word) => /^паспорт(а|ов|у|ом|е)?$/.test(word)) || / passport .| . passport /.test(line);
  return (
    isPassport && words.every((word) => /^(паспорт|passport)/.test(word) || BESIDE.test(word) || OF_A_PERSON.test(word))
  );
}

/** The first column of persons in any sheet, hidden ones too. */
export async function findPersonalColumn(table: OpenTable): Promise<PersonalColumn | null> {
  for (const [index, { name }] of table.sheets.entries()) {
    const found: PersonalColumn[] = [];
    let filled = 0;
    await table.readSheet(index, {
      row: (rowNumber, cells) => {
        let isFilled = false;
        for (const [column, cell] of cells.entries()) {
          if (isBlankCell(cell)) continue;
          isFilled = true;
          if (cell?.kind !== 'text') continue;
          const heading = cellText(cell, table.date1904);
          if (isPersonalHeading(heading))
            found.push({ sheet: shownValue(name), cell: cellAddress(rowNumber, column), heading: shownValue(heading) });
        }
        if (isFilled) filled += 1;
        return found.length === 0 && filled < HEADING_ROWS_MAX;
      },
    });
    if (found[0]) return found[0];
  }
  return null;
}

/** The same of a file. Runs in a worker thread; never throws for a bad file. */
export async function readPersonalColumn(bytes: Uint8Array): Promise<PersonalColumn | null> {
  let table: OpenTable | null = null;
  try {
    // The widest limits of any form: whoever keeps to narrower ones refuses the file himself.
    table = await openTable(bytes, UNITS_LIMITS);
    return await findPersonalColumn(table);
  } catch {
    return null;
  } finally {
    table?.close();
  }
}
