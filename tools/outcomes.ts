/** Reads the JSON that the test runners leave behind. */
import { z } from 'zod';

export interface Outcome {
  /** Full title with the titles above it. */
  title: string;
  isPassed: boolean;
}

const vitestSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

interface Suite {
  title: string;
  specs?: { title: string; tests: { status: string }[] }[] | undefined;
  suites?: Suite[] | undefined;
}
const suiteSchema: z.ZodType<Suite> = z.lazy(() =>
  z.object({
    title: z.string(),
    specs: z.array(z.object({ title: z.string(), tests: z.array(z.object({ status: z.string() })) })).optional(),
    suites: z.array(suiteSchema).optional(),
  }),
);
const playwrightSchema = z.object({ suites: z.array(suiteSchema), errors: z.array(z.unknown()) });

function outcomesOf(suite: Suite, above: string): Outcome[] {
  const titles = `${above} ${suite.title}`;
  const own = (suite.specs ?? []).flatMap(({ title, tests }) =>
    tests.map(({ status }) => ({ title: `${titles} ${title}`.trim(), isPassed: status === 'expected' })),
  );
  return [...own, ...(suite.suites ?? []).flatMap((inner) => outcomesOf(inner, titles))];
}

/** The outcomes in a report of Vitest or Playwright. A file that could not be loaded counts as one failed test. */
export function readOutcomes(json: string): Outcome[] {
  const parsed: unknown = JSON.parse(json);
  const vitest = vitestSchema.safeParse(parsed);
  if (vitest.success) {
    return vitest.data.testResults.flatMap(({ name, status, assertionResults }) => {
      if (assertionResults.length === 0 && status === 'failed') return [{ title: name, isPassed: false }];
      return assertionResults.map((one) => ({ title: one.fullName, isPassed: one.status === 'passed' }));
    });
  }
  const { suites, errors } = playwrightSchema.parse(parsed);
  const broken = errors.map(() => ({ title: 'the run itself', isPassed: false }));
  return [...suites.flatMap((suite) => outcomesOf(suite, '')), ...broken];
}
