/** Specialists who settle the same errors at once on every node, and write down what each was told. */
import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from '#chance/chance.ts';
import { ask } from './asking.ts';
import type { SentPage, SettleAttempt } from './checks/scans.ts';
import type { ScanPile } from './scan-pile.ts';
import { twinOf } from './scan-senders.ts';
import { SCAN_SPECIALISTS, specialistName } from './world.ts';

export interface SettlersOptions {
  seed: number;
  pile: ScanPile;
  urls: () => string[];
}

/** Hands per specialist. */
const HANDS = 2;

interface OpenError {
  id: string;
  fileName: string | null;
  n: number | null;
  status: string;
  finding: { code: string; data: { field?: string } };
}

export function startSettlers({ seed, pile, urls }: SettlersOptions) {
  const attempts: SettleAttempt[] = [];
  const refusals = new Map<string, number>();
  let isStopped = false;
  const pages = new Map<string, SentPage>();
  for (const file of pile.files)
    for (const [at, page] of file.pages.entries())
      for (const name of [file.name, twinOf(file.name)]) pages.set(`${name} ${at + 1}`, page);

  function settlementOf({ finding, fileName, n }: OpenError): object | null {
    const page = pages.get(`${String(fileName)} ${String(n)}`);
    if (!page) return null;
    if (finding.code === 'CODE_UNREADABLE') return { way: 'typeCode', code: page.text };
    if (finding.code !== 'MARK_MULTIPLE' || finding.data.field === undefined) return null;
    return { way: 'decideMarks', marks: { [finding.data.field]: page.answer } };
  }

  async function work(specialist: number, hand: number): Promise<void> {
    const chance = new Chance(seed, `settler ${specialist} ${hand}`);
    const cookie = pile.specialists[specialist] ?? '';
    const by = specialistName(SCAN_SPECIALISTS[specialist] ?? '');
    while (!isStopped) {
      await pause(chance.whole(200, 900));
      const seen = await ask(chance.oneOf(urls()), 'openScanErrors', {}, cookie);
      if (seen.kind !== 'done') continue;
      const open = (seen.value as { errors: OpenError[] }).errors.filter(({ status }) => status === 'open');
      if (open.length === 0) continue;
      const error = chance.oneOf(open);
      const settlement = settlementOf(error);
      if (!settlement) continue;
      const taken = await ask(chance.oneOf(urls()), 'takeScanError', { error: error.id }, cookie);
      if (taken.kind === 'refused') refusals.set(taken.code, (refusals.get(taken.code) ?? 0) + 1);
      if (taken.kind !== 'done') continue;
      await pause(chance.whole(0, 300));
      const input = { error: error.id, token: Number(taken.value), settlement };
      const settled = await ask(chance.oneOf(urls()), 'settleScanError', input, cookie);
      if (settled.kind === 'refused') refusals.set(settled.code, (refusals.get(settled.code) ?? 0) + 1);
      attempts.push({ error: error.id, by, outcome: settled.kind });
    }
  }

  const working = SCAN_SPECIALISTS.flatMap((_, specialist) =>
    Array.from({ length: HANDS }, (_, hand) => work(specialist, hand)),
  );
  return {
    attempts,
    refusals,
    async stop() {
      isStopped = true;
      await Promise.all(working);
    },
  };
}
