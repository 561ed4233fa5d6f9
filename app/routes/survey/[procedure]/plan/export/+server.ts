import { PLAN_COLUMNS } from '#models/survey/plan.ts';
import { m } from '#lib/paraglide/messages.js';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The plan as a table, row by row in its order (S4-06). */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { hub } = locals;
  const { survey } = await hub.surveys.overview(signedIn(locals, url), params.procedure);
  const headings = PLAN_COLUMNS.map((column) => say(`survey_plan_${column}`));
  const rows = survey.plan.map((row) => PLAN_COLUMNS.map((column) => row[column]));
  const bytes = await hub.workbooks.tableXlsx(m.survey_plan(), headings, rows);
  return fileResponse(bytes, 'xlsx', `${m.survey_plan()} ${survey.id}`);
};
