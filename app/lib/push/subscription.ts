/** A browser's subscription under the hub's key, for the page that asks for it and for the worker that renews it. */

const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
const isSame = (a: ArrayBuffer | null, b: Uint8Array): boolean =>
  a !== null && a.byteLength === b.length && new Uint8Array(a).every((byte, index) => byte === b[index]);

/** Under another key it hears nothing from the hub. */
export const isUnder = ({ options }: Pick<PushSubscription, 'options'>, publicKey: string): boolean =>
  isSame(options.applicationServerKey, bytesOf(publicKey));

/** Subscribes the browser, or gives what it is subscribed as. Errors: those of `PushManager.subscribe`. */
export async function subscribeUnder(
  manager: Pick<PushManager, 'getSubscription' | 'subscribe'>,
  publicKey: string,
): Promise<PushSubscription> {
  const known = await manager.getSubscription();
  if (known && isUnder(known, publicKey)) return known;
  await known?.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) });
}
