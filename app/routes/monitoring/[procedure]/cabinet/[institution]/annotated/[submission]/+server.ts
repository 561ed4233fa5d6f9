import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { m } from '#lib/paraglide/messages.js';
import { findingWords } from '#lib/refusal/words.ts';
import type { RequestHandler } from './$types';

/** The same file back with the errors written into it. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { submission: id, ...place } = params;
  const person = signedIn(locals, url);
  const { fileName, bytes, format, findings } = await locals.hub.submissions.findings(person, place, id);
  await locals.hub.deeds.noteExport(person, [place.institution], 'annotated', findings.length);
  const worded = findings.map((finding) => ({ ...finding, ...findingWords(finding) }));
  const annotated = await locals.hub.workbooks.annotate(bytes, format, worded, {
    errorsHeading: m.annotated_heading(),
    sheet: m.finding_sheet(),
    cell: m.finding_cell(),
    value: m.finding_value(),
    cause: m.finding_cause(),
    remedy: m.finding_remedy(),
  });
  return fileResponse(annotated, format, m.annotated_file_name({ name: fileName.replace(/\.[^.]*$/, '') }));
};
