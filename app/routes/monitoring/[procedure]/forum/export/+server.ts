import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** All of a forum, one row a message: what was hidden stands there as hidden, without its text. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { procedure, threads, isCut, max } = await hub.forum.whole(person, params.procedure);
  const place = { locale: getLocale(), zone: procedure.zone };
  const numbers = new Map(threads.map(({ question }, at) => [question.id, at + 1]));
  const lines: (string | number | null)[][] = threads.flatMap(({ question, messages }) =>
    messages.map((message) => [
      numbers.get(question.id) ?? null,
      message.n,
      m[`forum_kind_${message.corrects === null ? message.kind : 'correction'}`](),
      formatDateTime(message.atMs, place),
      message.author.name,
      say(`role_${message.author.role}`),
      message.author.unitName,
      message.hidden
        ? m.forum_hidden({
            by: message.hidden.by,
            at: formatDateTime(message.hidden.atMs, place),
            reason: message.hidden.reason,
          })
        : message.text,
      question.official === message.id ? m.forum_official_short() : null,
      m[`forum_status_${question.status}`](),
      question.about?.code ?? null,
      numbers.get(question.duplicateOf?.question ?? '') ?? null,
      question.pinned ? m.forum_pinned_short() : null,
    ]),
  );
  await hub.deeds.noteExport(
    person,
    procedure.path
      .split('/')
      .filter((id) => id !== '')
      .slice(-1),
    'forum',
    lines.length,
  );
  if (isCut) lines.push([m.forum_export_cut({ max })]);
  const headings = [
    m.forum_column_question(),
    m.forum_column_message(),
    m.forum_column_kind(),
    m.forum_column_at(),
    m.forum_column_author(),
    m.forum_column_role(),
    m.forum_column_unit(),
    m.forum_column_text(),
    m.forum_official(),
    m.forum_column_status(),
    m.forum_column_code(),
    m.forum_column_duplicate(),
    m.forum_faq_title(),
  ];
  const name = `${m.forum_title()}, ${procedure.title}`;
  return fileResponse(await hub.workbooks.tableXlsx(m.forum_title(), headings, lines), 'xlsx', name);
};
