/** Web push by choice: a device that is connected, what it is sent, and what the hub's worker makes of that. */
import type { BrowserContext, CDPSession, Page } from '@playwright/test';
import { startPushStandIn, type PushedDevice, type PushStandIn } from '#server/push.testing.ts';
import { expect, test as base } from './fixtures.ts';
import { look, LOOKS } from './look.ts';
import { BASE, institution, letIn, organizerOf, PROCEDURE, SCHOOL } from './region.ts';

const test = base.extend<{ service: PushStandIn }>({
  service: async ({}, use) => {
    const service = await startPushStandIn();
    await use(service);
    await service.close();
  },
  environment: async ({ service }, use) => {
    await use({ PUSH_SERVICES: service.origin });
  },
});

/** The browser's own push service is out of reach of a test: its subscription leads to the stand-in, and is remembered as a browser does. */
async function subscribeTo(context: BrowserContext, { subscription }: PushedDevice): Promise<void> {
  await context.addInitScript((given) => {
    const kept = (): PushSubscription | null => {
      const key = localStorage.getItem('stand-in');
      if (key === null) return null;
      const applicationServerKey = Uint8Array.from(key.split(',').map(Number)).buffer;
      return {
        ...{ endpoint: localStorage.getItem('stand-in-endpoint') ?? given.endpoint, expirationTime: null },
        options: { applicationServerKey, userVisibleOnly: true },
        getKey: () => null,
        toJSON: () => given,
        unsubscribe: () => {
          localStorage.removeItem('stand-in');
          return Promise.resolve(true);
        },
      };
    };
    PushManager.prototype.getSubscription = () => Promise.resolve(kept());
    PushManager.prototype.subscribe = (options) => {
      localStorage.setItem('stand-in', new Uint8Array(options?.applicationServerKey as ArrayBuffer).join(','));
      return Promise.resolve(kept() as PushSubscription);
    };
  }, subscription);
}

/** The hub's worker in a browser: what a push service would bring to it. */
class Worker {
  readonly #session: CDPSession;
  readonly #registrations: { registrationId: string; scopeURL: string; isDeleted: boolean }[] = [];
  constructor(session: CDPSession) {
    this.#session = session;
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      this.#registrations.push(...registrations);
    });
  }
  static async of(page: Page): Promise<Worker> {
    const session = await page.context().newCDPSession(page);
    const worker = new Worker(session);
    await session.send('ServiceWorker.enable');
    return worker;
  }
  async deliver(origin: string, data: unknown): Promise<void> {
    await expect.poll(() => this.#registrations.length).toBeGreaterThan(0);
    const registrationId = this.#registrations.at(-1)?.registrationId ?? '';
    await this.#session.send('ServiceWorker.deliverPushMessage', {
      origin,
      registrationId,
      data: JSON.stringify(data),
    });
  }
}

async function lookAt(page: Page, sight: { name: string; path: string }): Promise<void> {
  for (const view of LOOKS) {
    await page.setViewportSize(view);
    await page.emulateMedia({ colorScheme: view.colorScheme, reducedMotion: 'reduce' });
    await look(page, { ...sight, heading: 'Устройства для уведомлений', isPictured: true }, view);
  }
}

const shownOn = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration('/service-worker.js');
    const shown = (await registration?.getNotifications()) ?? [];
    return shown.map(({ title, body, tag }) => ({ title, body, tag }));
  });

test('[S1-42] a device is connected by its owner, is told without a word of what was written, and shows it when no page is open', async ({
  hub,
  service,
  openBrowser,
}) => {
  test.slow();
  for (const number of [1, 4]) await letIn(hub, institution(number));
  const phone = service.device('phone');
  const page = await openBrowser(institution(4).id);
  await subscribeTo(page.context(), phone);
  await page.goto(`${BASE}/forum/attention`);
  const connect = page.getByRole('button', { name: 'Подключить это устройство' });
  const devices = page.getByTestId('push-devices');

  await test.step('nothing is asked before it is wished; what the browser refuses is said', async () => {
    await expect(page.getByText('Ни одно устройство не подключено')).toBeVisible();
    await connect.click();
    await expect(page.getByText('Браузер не разрешил уведомления')).toBeVisible();
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  });

  await test.step('connected: it stands in the list, and the forum tells it', async () => {
    await page.context().grantPermissions(['notifications'], { origin: hub.url });
    await page.reload();
    await connect.click();
    await expect(page.getByRole('heading', { name: 'Устройство подключено' })).toBeVisible();
    await expect(page.getByText('Это устройство подключено.')).toBeVisible();
    await expect(page.getByLabel('На мои устройства')).toBeChecked();
    await expect(connect).toHaveCount(0);
    await lookAt(page, { name: 'forum-devices', path: `${BASE}/forum/attention` });
    await page.getByRole('link', { name: 'Ваши устройства: 1' }).click();
    await expect(devices.getByRole('listitem')).toHaveCount(1);
    await expect(devices).toContainText('это устройство');
    await expect(devices).toContainText('уведомлений ещё не было');
  });

  const desk = await openBrowser(institution(4).id);
  await test.step('a test comes at once, and every page of his account tells when', async () => {
    await desk.goto('/account');
    await expect(desk.getByTestId('push-devices')).toContainText('уведомлений ещё не было');
    await page.getByRole('button', { name: /^Прислать пробное/ }).click();
    await expect(page.getByText('Пробное уведомление отправлено')).toBeVisible();
    await expect.poll(() => service.read(phone).map(({ title }) => title)).toEqual(['Пробное уведомление']);
    for (const seen of [page, desk])
      await expect(seen.getByTestId('push-devices')).toContainText('последнее уведомление');
    await lookAt(page, { name: 'account-devices', path: '/account' });
  });

  const renewed = service.device('renewed');
  await test.step('its push service gives it another address: the worker says so, and it is the same device', async () => {
    const worker = page.context().serviceWorkers()[0];
    if (!worker) throw new Error('no worker');
    await worker.evaluate((given) => {
      PushManager.prototype.getSubscription = () => Promise.resolve(null);
      const made = { endpoint: given.endpoint, toJSON: () => given } as unknown as PushSubscription;
      PushManager.prototype.subscribe = () => Promise.resolve(made);
      // The worker hears it like a browser's own; only waiting for it is a browser's alone.
      self.dispatchEvent(new Event('pushsubscriptionchange'));
    }, renewed.subscription);
    await page.evaluate((endpoint) => localStorage.setItem('stand-in-endpoint', endpoint), renewed.endpoint);
    await expect
      .poll(async () => {
        await page.reload();
        return devices.textContent();
      })
      .toContain('это устройство');
    await expect(devices.getByRole('listitem')).toHaveCount(1);
  });

  const asker = await organizerOf(hub, SCHOOL);
  const asking = {
    ...{ kind: 'question', command: 'push-command-000001', text: 'Такая же ошибка есть у вас, Анна Петровна?' },
    mentions: [{ kind: 'unit', unit: '48-m2' }],
  };
  const { question } = await hub.call('forum', 'post', asker, PROCEDURE, asking);
  await expect.poll(() => service.read(renewed).length).toBe(1);
  expect(service.read(phone)).toHaveLength(1);
  const [notice] = service.read(renewed);
  expect(notice).toMatchObject({ title: 'Обращение к вам', url: `${BASE}/forum?q=${question}` });
  expect(JSON.stringify(notice)).not.toContain('ошибка');

  await test.step('the worker shows it when no page of the hub is open, and keeps still beside one that is looked at', async () => {
    const beside = await page.context().newPage();
    const worker = await Worker.of(beside);
    await worker.deliver(hub.url, notice);
    // It had its turn: what is delivered next comes after it.
    await page.goto('about:blank');
    await worker.deliver(hub.url, { ...notice, tag: 'another', key: 'another' });
    await expect
      .poll(async () => {
        await page.goto(`${BASE}/forum/attention`);
        return shownOn(page);
      })
      .toEqual([{ title: notice?.title, body: notice?.body, tag: 'another' }]);
  });

  await test.step('disconnected on one page, it is gone on every other, and its forum offers to connect it', async () => {
    await page.goto('/account');
    await page.getByRole('button', { name: /^Отключить:/ }).click();
    for (const seen of [page, desk]) await expect(seen.getByText('Ни одно устройство не подключено')).toBeVisible();
    await expect.poll(() => page.evaluate(() => localStorage.getItem('stand-in'))).toBeNull();
    await page.goto(`${BASE}/forum/attention`);
    await expect(page.getByText('Ни одно устройство не подключено')).toBeVisible();
    await expect(connect).toBeVisible();
  });
});
