import { error } from '@sveltejs/kit';
import { reportWords } from '#lib/attendance/report-words.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** A report as a file: `<submission>.pdf` or `<submission>.xlsx`, in the reader's language. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { file, ...place } = params;
  const [, id = '', format] = /^([\w-]+)\.(pdf|xlsx)$/.exec(file) ?? [];
  if (format !== 'pdf' && format !== 'xlsx') error(404, 'not_found');
  const person = signedIn(locals, url);
  const { hub } = locals;
  const { institutionName, submission } = await hub.submissions.report(person, place, id);
  await hub.deeds.noteExport(person, [place.institution], 'report', null);
  const procedure = await hub.participations.procedure(place.procedure);
  const words = reportWords({ institutionName, procedure, submission, locale: getLocale() });
  const bytes = await (format === 'pdf'
    ? hub.workbooks.reportPdf(submission.report, words)
    : hub.workbooks.reportXlsx(submission.report, words));
  return fileResponse(bytes, format, m.report_file_name({ institution: place.institution }));
};
