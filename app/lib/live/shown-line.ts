import type { RefusalCode } from '#models/error.ts';
import type { Locale } from '#lib/paraglide/runtime.js';
import { formatTime } from '#lib/ui/format.ts';
import type { LinkStatus } from '#lib/ui/link-state.ts';
import type { LineStatus } from './line.ts';

/** The state of the line as the frame shows it. */
export function shownLine(
  link: { status: LineStatus; asOfMs: number; behind: number; refusal: RefusalCode | null },
  place: { locale: Locale; zone: string },
): LinkStatus {
  switch (link.status) {
    case 'live':
    case 'outdated':
      return { status: link.status };
    case 'catchingUp':
      return { status: 'catchingUp', behind: link.behind };
    case 'stale':
    case 'lost':
      return { status: link.status, since: formatTime(link.asOfMs, place, { seconds: true }) };
    case 'ended':
      return { status: link.refusal === 'not_signed_in' ? 'signedOut' : 'closed' };
    case 'cut':
      return { status: 'closed' };
    default:
      throw link.status satisfies never;
  }
}
