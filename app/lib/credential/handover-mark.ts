import { holderOf, type HandingLevel, type HandoverState } from '#models/credential/credential-handover.ts';
import { say } from '#lib/say.ts';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** The state of an access as a mark: what lies with the reader waits for him, what lies with another waits for that one. */
export function handoverMark(state: HandoverState, levels: readonly HandingLevel[]): MarkState {
  switch (state) {
    case 'generated':
    case 'handedToRegion':
    case 'handedToMunicipality': {
      const holder = holderOf({ state });
      if (holder !== null && levels.includes(holder)) return { state: 'waitsForYou' };
      return { state: 'waitsForAnother', whom: say(`handing_level_${holder ?? ''}`) };
    }
    case 'handedToInstitution':
      return { state: 'underWay', share: 0.5 };
    case 'activated':
      return { state: 'done' };
    case 'revoked':
      return { state: 'refused' };
    default:
      throw state satisfies never;
  }
}
