/** Push services, by HTTP (RFC 8030). The library encrypts (RFC 8291) and signs (RFC 8292); the request is our own. */
import webPush from 'web-push';
import type { PushService } from '#models/push/push.actions.ts';
import type { PushOutcome } from '#models/push/push.ts';

/** A service that says nothing for so long is taken for dead: the message waits for its next try (ms). */
const ANSWER_MS = 10_000;

/** `subject` is whom a push service may ask about these messages: `mailto:…` or `https://…`. */
export function createPushService(subject: () => string, request: typeof fetch = fetch): PushService {
  return {
    newKeys: () => webPush.generateVAPIDKeys(),

    async send({ endpoint, p256dh, auth }, { text, ttlSeconds, topic, keys }) {
      let details;
      try {
        details = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, text, {
          vapidDetails: { subject: subject(), ...keys },
          ...{ TTL: ttlSeconds, topic, urgency: 'normal', contentEncoding: 'aes128gcm' },
        });
      } catch {
        // Its key is no point of the curve: nobody can read what is sent to it.
        return { kind: 'gone' };
      }
      try {
        const { method, headers, body } = details;
        const response = await request(endpoint, {
          method,
          headers: headers as Record<string, string>,
          body: new Uint8Array(body),
          // A service that sends elsewhere leads out of the list of services.
          redirect: 'manual',
          signal: AbortSignal.timeout(ANSWER_MS),
        });
        await response.body?.cancel();
        return outcomeOf(response);
      } catch {
        return { kind: 'later', afterMs: null };
      }
    },
  };
}

function outcomeOf({ status, headers }: Response): PushOutcome {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  if (status === 429 || status >= 500) return { kind: 'later', afterMs: retryAfterMs(headers.get('retry-after')) };
  return { kind: 'refused', status };
}

/** Seconds only: a date is told by another clock. */
const retryAfterMs = (given: string | null): number | null =>
  given !== null && /^\d{1,9}$/.test(given) ? Number(given) * 1_000 : null;
