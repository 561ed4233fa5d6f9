/** How an institution's report looks and reads, in its cabinet and on a page of its own. */
import { expect, signIn, test } from './fixtures.ts';
import { contextOf, fillRegion, look, LOOKS } from './look.ts';
import { BASE, institution } from './region.ts';

const SCHOOL = institution(2);

for (const view of LOOKS)
  test(`[S2-18] the report at ${view.name} is clear to eyes and screen readers`, async ({ hub, browser }) => {
    test.slow();
    await fillRegion(hub);
    for (const [name, path] of [
      ['report', `${BASE}/cabinet/${SCHOOL.id}`],
      ['report-page', `${BASE}/report/${SCHOOL.id}`],
    ] as const) {
      const context = await browser.newContext(contextOf(view));
      await signIn(context, hub, SCHOOL.id);
      const page = await context.newPage();
      await look(page, { name, path, heading: 'Отчёт о посещаемости', isPictured: name === 'report' }, view);
      await expect(page.getByRole('article').getByRole('img')).toBeVisible();
      await context.close();
    }
  });
