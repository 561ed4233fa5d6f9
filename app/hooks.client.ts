import { rememberGiven } from '#lib/draft/before-script.ts';

export const init = (): void => rememberGiven(document);
