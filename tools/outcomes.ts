/** Reads the JSON that the test runners leave behind. */
import { z } from 'zod';

export interface Outcome {
  /** Full title with the titles above it. */
  title: string;
  isPassed: boolean;
  /** What the runner said of a test that did not pass: its first lines, without colours. */
  why?: string | undefined;
}

const WHY_LINES = 6;
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** What was said, as text that can stand under the count. */
function whyOf(said: readonly string[]): string | undefined {
  const lines = said.join('\n').replace(COLOURS, '').split('\n');
  return lines.slice(0, WHY_LINES).join('\n').trim() || undefined;
}

const vitestSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).optional() }),
      ),
    }),
  ),
});

const attemptSchema = z.object({ errors: z.array(z.object({ message: z.string().optional() })) });
const specSchema = z.object({
  title: z.string(),
  tests: z.array(z.object({ status: z.string(), results: z.array(attemptSchema) })),
});
interface Suite {
  title: string;
  specs?: z.infer<typeof specSchema>[] | undefined;
  suites?: Suite[] | undefined;
}
const suiteSchema: z.ZodType<Suite> = z.lazy(() =>
  z.object({
    title: z.string(),
    specs: z.array(specSchema).optional(),
    suites: z.array(suiteSchema).optional(),
  }),
);
const playwrightSchema = z.object({ suites: z.array(suiteSchema), errors: z.array(z.unknown()) });

function outcomesOf(suite: Suite, above: string): Outcome[] {
  const titles = `${above} ${suite.title}`;
  const own = (suite.specs ?? []).flatMap(({ title, tests }) =>
    tests.map(({ status, results }) => ({
      title: `${titles} ${title}`.trim(),
      isPassed: status === 'expected',
      why: whyOf(results.flatMap(({ errors }) => errors.map(({ message }) => message ?? ''))),
    })),
  );
  return [...own, ...(suite.suites ?? []).flatMap((inner) => outcomesOf(inner, titles))];
}

/** The outcomes in a report of Vitest or Playwright. A file that could not be loaded counts as one failed test. */
export function readOutcomes(json: string): Outcome[] {
  const parsed: unknown = JSON.parse(json);
  const vitest = vitestSchema.safeParse(parsed);
  if (vitest.success) {
    return vitest.data.testResults.flatMap(({ name, status, message, assertionResults }) => {
      if (assertionResults.length === 0 && status === 'failed') {
        return [{ title: name, isPassed: false, why: whyOf([message ?? '']) }];
      }
      return assertionResults.map((one) => ({
        title: one.fullName,
        isPassed: one.status === 'passed',
        why: whyOf(one.failureMessages ?? []),
      }));
    });
  }
  const { suites, errors } = playwrightSchema.parse(parsed);
  const broken = errors.map(() => ({ title: 'the run itself', isPassed: false }));
  return [...suites.flatMap((suite) => outcomesOf(suite, '')), ...broken];
}
