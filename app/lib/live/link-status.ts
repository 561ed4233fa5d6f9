import type { Locale } from '#lib/paraglide/runtime.js';
import { formatTime } from '#lib/ui/format.ts';
import type { LinkStatus as Shown } from '#lib/ui/link-state.ts';
import type { LinkStatus } from './live-link.svelte.ts';

/** The state of the line as the frame shows it; a page that may not follow any longer shows when it last knew. */
export function linkStatus(
  link: { status: LinkStatus; lostAtMs: number | null; serverNowMs: () => number },
  place: { locale: Locale; zone: string },
): Shown {
  switch (link.status) {
    case 'live':
    case 'catchingUp':
      return { status: link.status };
    case 'lost':
    case 'signedOut':
    case 'outdated':
      return { status: 'lost', since: formatTime(link.lostAtMs ?? link.serverNowMs(), place, { seconds: true }) };
    default:
      throw link.status satisfies never;
  }
}
