import type { Component } from 'svelte';

export type MenuItem = {
  label: string;
  /** A place to go … */
  href?: string | undefined;
  /** … or a deed. */
  onselect?: (() => void) | undefined;
  icon?: Component<{ size?: number | string }> | undefined;
  /** A key or a short remark at the right edge. */
  hint?: string | undefined;
  /** The one that is on now. */
  current?: boolean | undefined;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  /** A hairline above: begins a new group. */
  divider?: boolean | undefined;
};

/** A link of a page frame; with `method: 'post'` a deed, which works before the script has come. */
export type NavItem = { label: string; href: string; current?: boolean | undefined; method?: 'post' | undefined };
