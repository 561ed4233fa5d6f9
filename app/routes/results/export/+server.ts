import { academicYearName } from '#models/procedure/procedure.ts';
import { figureOf, isOfKind } from '#models/result/result.ts';
import { figureText, figureWord, kindWord } from '#lib/results/figure-words.ts';
import { m } from '#lib/paraglide/messages.js';
import { searchOf } from '#lib/site/asked.server.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The analytical base as it is narrowed, one row a result; sums are left to whoever reckons on with it. */
export const GET: RequestHandler = async ({ locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { rows, indicators, isCut, max, own } = await hub.results.page(person, searchOf(url));
  await hub.deeds.noteExport(
    person,
    own.map(({ id }) => id),
    'results',
    rows.length,
  );
  const columns = indicators.flatMap(({ kind, indicators: ofKind }) => ofKind.map((of) => ({ kind, of })));
  const lines: (string | number | null)[][] = rows.map((row) => [
    row.institution,
    row.institutionName,
    row.territoryName,
    kindWord(row.kind),
    row.title,
    academicYearName(row.academicYear),
    ...columns.map(({ kind, of }) => {
      const value = isOfKind(row, kind) ? figureOf(row, of) : null;
      return value !== null && of.unit === 'yesNo' ? figureText(value, of.unit) : value;
    }),
  ]);
  if (isCut) lines.push([m.results_cut({ max })]);
  const headings = [
    m.results_code(),
    m.column_institution(),
    m.results_territory(),
    m.results_kind(),
    m.results_procedure(),
    m.results_year(),
    ...columns.map(({ kind, of }) => figureWord(kind, of)),
  ];
  return fileResponse(await hub.workbooks.tableXlsx(m.results_title(), headings, lines), 'xlsx', m.results_title());
};
