/** Puts HTML on the page, in place of what an earlier test left, and gives its first element. */
export function mount<E extends HTMLElement = HTMLElement>(markup: string): E {
  let stage = document.querySelector<HTMLElement>('#stage');
  if (!stage) {
    stage = document.createElement('div');
    stage.id = 'stage';
    document.body.append(stage);
  }
  stage.innerHTML = markup;
  return stage.firstElementChild as E;
}

/** Looks at each frame until the condition holds, and gives what it gave. The test's own time limit ends it. */
export async function until<T>(condition: () => T | undefined | null | false | ''): Promise<T> {
  for (;;) {
    const value = condition();
    if (value) return value;
    await new Promise(requestAnimationFrame);
  }
}

/** The next event of a kind that reaches the document. */
export function nextEvent<K extends keyof HTMLElementEventMap>(type: K): Promise<HTMLElementEventMap[K]> {
  return new Promise((resolve) => {
    document.addEventListener(type, (event) => resolve(event as HTMLElementEventMap[K]), { once: true });
  });
}

/** Elements at a path of selectors; `>>>` steps into a shadow root. */
export function deep<E extends HTMLElement = HTMLElement>(root: ParentNode, path: string): E[] {
  return path.split('>>>').reduce<ParentNode[]>(
    (roots, selector, index) => roots.flatMap((each) => [
      ...(index === 0 ? each : ((each as Element).shadowRoot ?? each)).querySelectorAll(selector.trim()),
    ]),
    [root],
  ) as unknown as E[];
}

/** Values that are alike, written out, are equal. */
export function equal(actual: unknown, expected: unknown, what = 'the value'): void {
  const [is, shouldBe] = [actual, expected].map((value) => JSON.stringify(value) ?? String(value));
  if (is !== shouldBe) throw new Error(`${what} is ${is}, and should be ${shouldBe}`);
}

export function ok(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`It does not hold that ${what}`);
}
