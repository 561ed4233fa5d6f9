/** The pages around a forum: from it to the work that it is about, and back. */
import { KINDS } from '#models/procedure/procedure.ts';
import type { ForumPlace } from '#models/forum/forum.queries.ts';
import { m } from '#lib/paraglide/messages.js';
import type { NavItem } from '#lib/ui/menu-item.ts';

export const FORUM_PAGES = ['forum', 'faq', 'statistics', 'canned', 'attention'] as const;
export type ForumPageName = (typeof FORUM_PAGES)[number];

export function forumNav(
  { procedure, place }: { procedure: ForumPlace['procedure']; place: Omit<ForumPlace, 'procedure'> },
  current: ForumPageName,
): NavItem[] {
  const work = KINDS[procedure.kind].page(procedure.id);
  const base = `/monitoring/${procedure.id}/forum`;
  const isMonitoring = procedure.kind === 'attendance';
  return [
    ...(place.hasBoard
      ? [isMonitoring ? { label: m.board(), href: `${work}/board` } : { label: m.forum_to_procedure(), href: work }]
      : []),
    // An institution's own work in it; of what is no monitoring it is told in its cabinet.
    ...(place.unit !== null && !place.hasBoard
      ? [
          {
            label: m.menu_cabinet(),
            href: isMonitoring ? `${work}/cabinet/${place.unit}` : `/cabinet/${place.unit}`,
          },
        ]
      : []),
    { label: m.forum_title(), href: base, current: current === 'forum' },
    { label: m.forum_faq_title(), href: `${base}/faq`, current: current === 'faq' },
    { label: m.forum_statistics_title(), href: `${base}/statistics`, current: current === 'statistics' },
    { label: m.forum_attention_settings(), href: `${base}/attention`, current: current === 'attention' },
    ...(place.rights.answers
      ? [{ label: m.forum_canned_title(), href: `${base}/canned`, current: current === 'canned' }]
      : []),
  ];
}
