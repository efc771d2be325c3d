import { ContextConsumer, type Context } from '@lit/context';
import type { ReactiveControllerHost } from 'lit';

/**
 * What the nearest element around the host provides. Away from the page, and moved to where nobody provides it, it is
 * nothing: a plain `ContextConsumer` would keep what it was told in the place before.
 */
export class NearestController<Value> extends ContextConsumer<Context<unknown, Value>, ReactiveControllerHost & HTMLElement> {
  constructor(host: ReactiveControllerHost & HTMLElement, context: Context<unknown, Value>) {
    super(host, { context, subscribe: true });
  }

  override hostDisconnected(): void {
    super.hostDisconnected();
    this.value = undefined;
  }
}
