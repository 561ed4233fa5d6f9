import type { Attachment } from 'svelte/attachments';

const MARK_MS = 1600;

/**
 * Marks a child of the element once, for 1.5 s, when what it shows changes; not when it first appears, and never with
 * reduced motion (the stylesheet then has no animation to run). `read` gives one value per child, in their order.
 */
export function marksChanges(read: () => readonly unknown[]): Attachment<HTMLElement> {
  return (node) => {
    let known: readonly unknown[] | undefined;
    const timers: (ReturnType<typeof setTimeout> | undefined)[] = [];
    $effect(() => {
      const now = read();
      if (known !== undefined) {
        for (let at = 0; at < now.length; at++) {
          if (Object.is(now[at], known[at])) continue;
          const child = node.children[at];
          if (child === undefined) continue;
          clearTimeout(timers[at]);
          child.removeAttribute('data-changed');
          requestAnimationFrame(() => child.setAttribute('data-changed', ''));
          timers[at] = setTimeout(() => child.removeAttribute('data-changed'), MARK_MS);
        }
      }
      known = now;
    });
    return () => {
      for (const timer of timers) clearTimeout(timer);
    };
  };
}
