import { describe, expect, it } from 'vitest';
import { COLLECTOR_FINDING_CODES, FINDINGS, severityOf, WAYS_OUT } from './finding.ts';

describe('what can be wrong with a scan', () => {
  it('[S1-12] whatever asks a person or refuses a file has a way out, and every way out leads out of something', () => {
    const used = new Set(COLLECTOR_FINDING_CODES.flatMap((code) => FINDINGS[code].waysOut));
    for (const code of COLLECTOR_FINDING_CODES)
      if (FINDINGS[code].severity !== 'healed') expect(FINDINGS[code].waysOut.length, code).toBeGreaterThan(0);
    expect([...used].sort()).toEqual([...WAYS_OUT].sort());
  });

  it('[S1-12] a cut edge heals by itself unless it took a field with it', () => {
    expect(severityOf({ code: 'EDGE_CUT', data: { edges: ['left'], fields: [] } })).toBe('healed');
    expect(severityOf({ code: 'EDGE_CUT', data: { edges: ['left'], fields: ['q1'] } })).toBe('asks');
  });
});
