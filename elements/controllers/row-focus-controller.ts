import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Row, RowRange } from '../virtual/row-window.ts';

export interface RowFocusOptions {
  rows: () => readonly Row[];
  /** The rows that are in view. */
  visible: () => RowRange;
  /** Brings a row into view, and so into the page. */
  reveal: (index: number) => void;
}

/**
 * The keyboard in a virtual list: Tab stops at one row (the last that was active), arrows, Home and End go on from there.
 * Rows are the host's `.row[data-key]` inside `.scroller`. Where the row with the focus leaves the page, the list takes it.
 */
export class RowFocusController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #options: RowFocusOptions;
  #activeKey: string | undefined;
  #hadFocus = false;

  constructor(host: ReactiveControllerHost & HTMLElement, options: RowFocusOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  /** The row that was last active. */
  get activeKey(): string | undefined {
    return this.#activeKey;
  }

  /** Of the rows in the page, the one that Tab stops at. */
  tabStop(rows: readonly Row[]): string | undefined {
    return rows.some(({ key }) => key === this.#activeKey) ? this.#activeKey : rows.at(-1)?.key;
  }

  reset(): void {
    this.#activeKey = undefined;
  }

  /** Gives the focus to a row, as soon as it stands in the page. */
  async focus(key: string): Promise<void> {
    this.#activate(key);
    await this.#host.updateComplete;
    const rows = this.#host.shadowRoot?.querySelectorAll<HTMLElement>('.row') ?? [];
    [...rows].find((row) => row.dataset['key'] === key)?.focus({ preventScroll: true });
  }

  /** The list itself takes the focus: the keyboard goes on in it. */
  focusList(): void {
    this.#host.shadowRoot?.querySelector<HTMLElement>('.scroller')?.focus({ preventScroll: true });
  }

  onFocusin = (event: FocusEvent): void => {
    const key = (event.target as Element).closest<HTMLElement>('.row')?.dataset['key'];
    if (key !== undefined) this.#activate(key);
  };

  /** Whether the key was one of those that move. */
  handleKey(key: string): boolean {
    const rows = this.#options.rows();
    const active = rows.findIndex((row) => row.key === this.#activeKey);
    const { start, end } = this.#options.visible();
    // From the row that was last active, if it can still be seen; else from where the reader is.
    const from = active >= start && active < end ? active : end - 1;
    const targets: Record<string, number> = { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: rows.length - 1 };
    const target = targets[key];
    if (target === undefined) return false;
    const row = rows[target];
    if (row) {
      this.#options.reveal(target);
      void this.focus(row.key);
    }
    return true;
  }

  hostUpdate(): void {
    this.#hadFocus = Boolean(this.#host.shadowRoot?.activeElement?.closest('.row'));
  }

  hostUpdated(): void {
    // It scrolled out of the page: without this the keyboard would start again at the top of the page.
    if (this.#hadFocus && !this.#host.shadowRoot?.activeElement && document.hasFocus()) this.focusList();
  }

  #activate(key: string): void {
    if (key === this.#activeKey) return;
    this.#activeKey = key;
    this.#host.requestUpdate();
  }
}
